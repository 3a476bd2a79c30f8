import CRdKafka

/// What librdkafka or the broker answered, in its own words, with the call that met it.
package struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// librdkafka's code, for example -185 (`_TIMED_OUT`) or 3 (`UNKNOWN_TOPIC_OR_PART`).
  package let code: Int32
  /// The code's name, for example `_TIMED_OUT`.
  package let name: String
  /// What was being done, and what came back.
  package let message: String

  package var description: String { "Kafka: \(message) (\(name))" }

  init(_ code: rd_kafka_resp_err_t, doing what: String, detail: String? = nil) {
    self.code = code.rawValue
    name = String(cString: rd_kafka_err2name(code))
    message = "\(what): \(detail ?? String(cString: rd_kafka_err2str(code)))"
  }

  /// An error by its number, as a stand-in for a broker gives it.
  package init(code: Int32, doing what: String) { self.init(rd_kafka_resp_err_t(rawValue: code), doing: what) }

  /// A setting that librdkafka refuses, or a client that it cannot make.
  init(configuration message: String) {
    code = RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue
    name = "_INVALID_ARG"
    self.message = message
  }

  /// The producer's queue is full: poll, then send again.
  package var isQueueFull: Bool { code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue }
  /// The topic or partition does not exist (yet).
  package var isUnknownTopic: Bool {
    code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue
      || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue
  }
  /// Something of that name is there already.
  package var isAlreadyExists: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue }
  /// The broker does not have the request at all.
  package var isUnsupported: Bool {
    code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue || code == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION.rawValue
  }
  /// The broker refuses who we are or what we may do: trying again cannot help.
  package var isMisconfiguration: Bool {
    [
      RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__INVALID_ARG,
    ].contains { $0.rawValue == code }
  }
}

/// Takes over an `rd_kafka_error_t`, if there is one, and throws it.
func check(_ error: OpaquePointer?, doing what: String) throws(KafkaError) {
  guard let error else { return }
  defer { rd_kafka_error_destroy(error) }
  throw KafkaError(rd_kafka_error_code(error), doing: what, detail: String(cString: rd_kafka_error_string(error)))
}
