import CRdKafka

/// A name and some bytes that travel beside a message.
package struct KafkaHeader: Sendable, Equatable {
  package let name: String
  package let value: [UInt8]

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = Array(value.utf8)
  }

  /// As librdkafka wants them; nil for none. The caller owns the list.
  static func list(_ headers: [KafkaHeader]) -> OpaquePointer? {
    guard !headers.isEmpty else { return nil }
    let list = rd_kafka_headers_new(headers.count)
    for header in headers {
      header.value.withUnsafeBytes {
        // Fails only for headers that are being read, which these are not.
        _ = rd_kafka_header_add(list, header.name, -1, $0.baseAddress, $0.count)
      }
    }
    return list
  }
}
