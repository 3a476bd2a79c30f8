import ClickHouse

/// Rows of `dead_letters` being gathered: rare, so plain arrays do.
struct DeadLetterColumns {
  /// One column of texts.
  private struct Texts {
    var bytes: [UInt8] = []
    var ends: [UInt32] = []

    mutating func append(_ text: some Sequence<UInt8>) {
      bytes.append(contentsOf: text)
      ends.append(UInt32(bytes.count))
    }

    mutating func reset() {
      bytes.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
    }

    func encode(_ name: String, into encoder: NativeBlockEncoder) {
      ends.withUnsafeBufferPointer { ends in
        bytes.withUnsafeBytes { encoder.append(strings: name, type: "String", ends: ends, bytes: $0) }
      }
    }
  }

  static let columns = [
    ("kafka_offset", "Int64"), ("kafka_timestamp", "DateTime64(3, 'UTC')"), ("key", "String"), ("value", "String"),
    ("reason", "String"), ("detail", "String"),
  ]

  private var offsets: [Int64] = []
  private var timestamps: [Int64] = []
  private var keys = Texts()
  private var values = Texts()
  private var reasons = Texts()
  private var details = Texts()

  var count: Int { offsets.count }
  var isFull: Bool { values.bytes.count + keys.bytes.count >= CollectorLimits.blockDeadLetterBytes }

  mutating func append(_ message: BufferedMessage, _ value: UnsafeRawBufferPointer, reason: String, detail: String) {
    offsets.append(message.offset)
    timestamps.append(max(0, message.timestampMs))
    keys.append(message.key)
    values.append(value)
    reasons.append(reason.utf8)
    details.append(detail.utf8)
  }

  mutating func reset() {
    offsets.removeAll(keepingCapacity: true)
    timestamps.removeAll(keepingCapacity: true)
    keys.reset()
    values.reset()
    reasons.reset()
    details.reset()
  }

  /// Appends the columns in the order of `columns`.
  func encode(into encoder: NativeBlockEncoder) {
    offsets.withUnsafeBytes { encoder.append(fixed: "kafka_offset", type: "Int64", bytes: $0) }
    timestamps.withUnsafeBytes { encoder.append(fixed: "kafka_timestamp", type: "DateTime64(3, 'UTC')", bytes: $0) }
    keys.encode("key", into: encoder)
    values.encode("value", into: encoder)
    reasons.encode("reason", into: encoder)
    details.encode("detail", into: encoder)
  }
}
