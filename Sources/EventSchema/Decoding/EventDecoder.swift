/// Reads messages straight into columns.
///
/// A verdict, and the row it makes, is a pure function of the message's bytes, its Kafka timestamp and the settings.
///
/// One pass checks the whole text against RFC 8259 and stores each known value at `column[row]` as it meets it. Two
/// masks, a bit a field, say which fields were seen and which were at fault, so the last of a duplicated key wins and a
/// bad row is undone by zeroing it. Which key comes next is guessed from the last message. A payload is read under its
/// type; one that comes before `event_type` is only checked, and read once the type is known. Strings enter dictionaries
/// when the row is committed, never before.
///
/// Files: `+Scan` is the pass, `+Values` the unusual forms of values, `+Verdict` the end of a message.
public struct EventDecoder: ~Copyable {
  /// Raised whenever the same bytes may give another verdict or row; enters the catalogue's fingerprint.
  static let revision = 3

  /// Bytes that must be readable after a message given to `decode`; what they hold does not matter.
  public static let padding = 32
  /// The longest message read, in bytes.
  public static let maxMessageBytes = 1 << 20
  /// The deepest nesting read; the envelope itself is 1.
  public static let maxDepth = 64
  /// 2000-01-01T00:00:00Z, the earliest time taken, in milliseconds since 1970.
  public static let earliestTimeMs: Int64 = 946_684_800_000
  /// 2105-12-31T23:59:59.999Z, the latest time taken: ClickHouse's `DateTime`, which the rollups' hours are, begins anew in 2106.
  public static let latestTimeMs: Int64 = 4_291_747_199_999
  /// How far ahead of its message's Kafka timestamp a time may be, in milliseconds.
  public static let maxAheadMs: Int64 = 86_400_000

  /// Field masks: bits 0…7 are the envelope's fields, from here on the payload's.
  static let firstPayloadSlot = 8
  static let envelopeMask: UInt32 = 0xFF

  public let settings: EventSettings
  let catalogue: Catalogue

  private var memory: Allocations
  let envelope: KeyTable
  let types: TypeTable
  /// 10^0 … 10^22, each exact.
  let powers: UnsafeMutablePointer<Double>
  /// Per field slot: what was wrong with it; meaningful where the fault mask has its bit.
  let faults: UnsafeMutablePointer<Reason>
  var keyScratch = Scratch()
  var producerScratch = Scratch()
  var textScratch = Scratch()
  var valueScratch = Scratch()
  var messageScratch = Scratch()
  /// The date read last, as text ("YYYY-MM-" and "DD") and as days since 1970.
  var cachedMonth: UInt64 = 0
  var cachedDay: UInt16 = 0
  var cachedDays = 0

  // The message at hand.
  var seen: UInt32 = 0
  var bad: UInt32 = 0
  var typeIndex = -1
  var version: UInt64 = 1
  var latestMs: Int64 = 0
  var producer: UnsafeRawPointer
  var producerCount = 0
  /// The payload's string, of which no type has two; -1 bytes when there is none.
  var text: UnsafeRawPointer
  var textCount = 0
  var faultField: String?
  var faultByte = -1

  public init(catalogue: Catalogue = .v1, settings: EventSettings = EventSettings()) {
    self.settings = settings
    self.catalogue = catalogue
    precondition(catalogue.envelope.count <= Self.firstPayloadSlot, "the envelope has at most eight fields")
    var memory = Allocations()
    envelope = KeyTable(catalogue.envelope, firstSlot: 0, in: &memory)
    types = TypeTable(catalogue, in: &memory)
    powers = memory.allocate(Double.self, count: 23)
    var power = 1.0
    for exponent in 0...22 {
      (powers + exponent).initialize(to: power)
      power *= 10
    }
    faults = memory.allocate(Reason.self, count: 32)
    faults.initialize(repeating: .wrongType, count: 32)
    producer = UnsafeRawPointer(powers)
    text = UnsafeRawPointer(powers)
    self.memory = memory
  }

  /// Decodes one message and appends its row when it is a valid event.
  ///
  /// - Parameters:
  ///   - bytes: the message's value, with `padding` readable bytes after it.
  ///   - offset: its Kafka offset.
  ///   - kafkaTimestampMs: its Kafka timestamp, milliseconds since 1970; negative when it has none, then no time is in
  ///     the future.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, offset: Int64, kafkaTimestampMs: Int64, into columns: EventColumns
  ) -> Verdict {
    guard columns.hasRoom(forStringBytes: bytes.count) else { return .full }
    faultByte = -1
    faultField = nil
    if bytes.count > Self.maxMessageBytes { return .invalid(.tooLarge) }
    latestMs =
      kafkaTimestampMs < 0
      ? Self.latestTimeMs : min(kafkaTimestampMs &+ min(Self.maxAheadMs, .max - kafkaTimestampMs), Self.latestTimeMs)

    guard let text = bytes.baseAddress else { return refuse(TextFault.malformed.at(0)) }
    // The last byte is what stops most loops, so it must be the one that ends an object.
    var end = bytes.count
    while end > 0 && isBlank(text.byte(end &- 1)) { end &-= 1 }
    guard end > 0, text.byte(end &- 1) == 0x7D else { return refuseOther(text, bytes.count) }
    let next = scan(text, end, columns)
    if next == end && bad == 0 && typeIndex >= 0 {
      let layout = types.layouts + typeIndex
      if seen & layout.pointee.required == layout.pointee.required && version == layout.pointee.version {
        commit(offset, layout, columns)
        return .event(EventType(index: typeIndex))
      }
    }
    columns.clearRow()
    return next < 0 ? refuse(next) : next == end ? judge() : refuseOther(text, bytes.count)
  }

  /// The same for bytes without padding; copies them.
  public mutating func decode(
    _ bytes: [UInt8], offset: Int64, kafkaTimestampMs: Int64, into columns: EventColumns
  ) -> Verdict {
    let copy = UnsafeMutableRawBufferPointer(start: messageScratch.room(bytes.count), count: bytes.count)
    copy.copyBytes(from: bytes)
    return decode(
      UnsafeRawBufferPointer(copy), offset: offset, kafkaTimestampMs: kafkaTimestampMs, into: columns)
  }

  /// Where the last invalid message was at fault: a field such as `payload.user_id`, or `byte 17`; empty when neither
  /// says anything.
  public var detail: String { faultField ?? (faultByte >= 0 ? "byte \(faultByte)" : "") }
}

extension EventType {
  @inline(__always) init(index: Int) {
    // Indices come from `allCases`.
    self = EventType(rawValue: UInt8(truncatingIfNeeded: index)).unsafelyUnwrapped
  }
}
