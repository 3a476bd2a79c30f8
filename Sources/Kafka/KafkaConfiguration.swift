import CRdKafka

/// Where the brokers are, and further librdkafka properties by their own names.
package struct KafkaConfiguration: Sendable {
  /// Comma-separated `host:port` list, as in `KAFKA_BROKERS`.
  package var brokers: String
  /// librdkafka properties, for example `security.protocol`; they win over this module's defaults,
  /// except those that delivery rests on (`refusal`).
  package var properties: [String: String]

  package init(brokers: String, properties: [String: String] = [:]) {
    self.brokers = brokers
    self.properties = properties
  }

  /// A librdkafka configuration; the caller owns it until a client takes it over.
  /// - Throws: `KafkaError` for a property that librdkafka, or the promise of delivery, refuses, and for an old library.
  func makeHandle(defaults: [String: String]) throws(KafkaError) -> OpaquePointer {
    if let refusal = LibraryVersion.refusal() ?? refusal { throw KafkaError(configuration: refusal) }
    guard let handle = rd_kafka_conf_new() else { throw KafkaError(configuration: "out of memory") }
    var merged = defaults.merging(properties) { _, ours in ours }
    merged["bootstrap.servers"] = brokers
    var text = [CChar](repeating: 0, count: 512)
    for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
      guard rd_kafka_conf_set(handle, key, value, &text, text.count) == RD_KAFKA_CONF_OK else {
        rd_kafka_conf_destroy(handle)
        throw KafkaError(configuration: "property \(key): \(text.text)")
      }
    }
    return handle
  }
}

/// A librdkafka client of either kind, and its one destruction.
///
/// `@unchecked`: `rd_kafka_t` is documented as fully thread-safe, and the pointer never changes.
final class ClientHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Takes `configuration` over, also when it throws.
  init(_ type: rd_kafka_type_t, configuration: OpaquePointer) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    guard let made = rd_kafka_new(type, configuration, &text, text.count) else {
      rd_kafka_conf_destroy(configuration)
      throw KafkaError(configuration: text.text)
    }
    pointer = made
  }

  /// No LeaveGroup: see `KafkaConsumer`.
  deinit { rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE) }
}

extension [CChar] {
  /// The C string that a library wrote into this buffer.
  var text: String { String(decoding: prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) }
}
