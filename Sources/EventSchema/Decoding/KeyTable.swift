/// What the decoder knows of one key: its bytes, the value that may follow it, and where that goes.
struct KeyEntry {
  /// How to read the value.
  enum Kind: UInt8 {
    case unknown, uuid, eventType, eventVersion, time, dueTime, producer, payload
    case uint64, uint32, uint8, boolean, number, email, text, timeZone

    /// Strings of the payload; no type has two, so the decoder keeps one until the row is committed.
    var isPayloadString: Bool { self == .email || self == .text || self == .timeZone }
  }

  /// The key's first 16 bytes; the masks select those it has. A longer key never matches these and is looked up.
  var low: UInt64 = 1
  var lowMask: UInt64 = 0
  var high: UInt64 = 0
  var highMask: UInt64 = 0
  /// The key that followed this one the last time: producers repeat themselves.
  var next: UnsafeMutablePointer<KeyEntry>
  var name: UnsafeRawPointer
  var count = 0
  /// Bounds of an integer; `maximum` also a text's most code points.
  var minimum: UInt64 = 0
  var maximum: UInt64 = .max
  /// Bounds of a number.
  var least = 0.0
  var most = 0.0
  var kind = Kind.unknown
  var isRequired = false
  /// Place in the decoder's field masks.
  var slot = 0
  /// Index of the column.
  var column = 0

  var bit: UInt32 { 1 &<< UInt32(truncatingIfNeeded: slot) }
}

/// The keys of an object: the envelope, or the payload of one type.
///
/// Tables are made once a decoder and never freed before it; the decoder frees them all through its `Allocations`.
struct KeyTable {
  private static let slotCount = 64

  /// Its `next` is the first key expected.
  let head: UnsafeMutablePointer<KeyEntry>
  /// Stands for every key not in the table; also marks free slots.
  let unknown: UnsafeMutablePointer<KeyEntry>
  private let slots: UnsafeMutablePointer<UnsafeMutablePointer<KeyEntry>>
  /// The kind of the payload's string; `unknown` when there is none.
  private(set) var payloadString = KeyEntry.Kind.unknown

  /// - Parameter firstSlot: the place of the first field in the decoder's field masks; the others follow.
  init(_ fields: [Field], firstSlot: Int, in memory: inout Allocations) {
    precondition(fields.count * 2 <= Self.slotCount, "at most \(Self.slotCount / 2) fields an object")
    precondition(firstSlot + fields.count <= 32, "the field masks have 32 bits")
    unknown = memory.allocate(KeyEntry.self)
    unknown.initialize(to: KeyEntry(next: unknown, name: UnsafeRawPointer(unknown)))
    head = memory.allocate(KeyEntry.self)
    head.initialize(to: unknown.pointee)
    slots = memory.allocate(UnsafeMutablePointer<KeyEntry>.self, count: Self.slotCount)
    slots.initialize(repeating: unknown, count: Self.slotCount)

    var previous = head
    for (index, field) in fields.enumerated() {
      let entry = memory.allocate(KeyEntry.self)
      let (name, count) = memory.text(field.name)
      var value = KeyEntry(next: unknown, name: name)
      value.count = count
      if count <= 16 {
        value.lowMask = lowBytes(count)
        value.highMask = count > 8 ? lowBytes(count - 8) : 0
        value.low = name.long(0) & value.lowMask
        value.high = name.long(8) & value.highMask
      }
      value.isRequired = field.isRequired
      value.slot = firstSlot + index
      value.column = field.column?.index ?? 0
      value.read(as: field)
      if value.kind.isPayloadString {
        precondition(payloadString == .unknown, "\(field.name): a payload has at most one string")
        payloadString = value.kind
      }
      entry.initialize(to: value)
      previous.pointee.next = entry
      previous = entry
      var slot = Self.hash(name.long(0) & lowBytes(count), count)
      while slots[slot] != unknown { slot = (slot + 1) % Self.slotCount }
      slots[slot] = entry
    }
  }

  /// The entry of a key; eight bytes must be readable at `key`.
  @inline(__always) func entry(_ key: UnsafeRawPointer, count: Int) -> UnsafeMutablePointer<KeyEntry> {
    var slot = Self.hash(key.long(0) & lowBytes(count), count)
    while slots[slot] != unknown {
      let entry = slots[slot]
      if entry.pointee.count == count && sameBytes(entry.pointee.name, key, count) { return entry }
      slot = (slot &+ 1) & (Self.slotCount &- 1)
    }
    return unknown
  }

  @inline(__always) private static func hash(_ first: UInt64, _ count: Int) -> Int {
    Int(truncatingIfNeeded: ((first ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15) &>> 58)
  }
}

extension KeyEntry {
  fileprivate mutating func read(as field: Field) {
    switch field.kind {
    case .uuid: kind = .uuid
    case .eventType: kind = .eventType
    case .eventVersion: kind = .eventVersion
    case .time: kind = .time
    case .dueTime: kind = .dueTime
    case .object: kind = .payload
    case .boolean: kind = .boolean
    case .email: kind = .email
    case .timeZone:
      precondition(field.column == .timezone, "\(field.name): there is one column for time zones")
      kind = .timeZone
    case .text(let maxCharacters):
      precondition(field.column == .title, "\(field.name): titles are the only texts so far")
      kind = .text
      maximum = UInt64(maxCharacters)
    case .string:
      precondition(field.column == .producer, "\(field.name): producer is the only plain string so far")
      kind = .producer
    case .number(let bounds):
      kind = .number
      least = bounds.lowerBound
      most = bounds.upperBound
    case .integer(let bounds):
      minimum = bounds.lowerBound
      maximum = bounds.upperBound
      switch field.column?.type {
      case .uint64: kind = .uint64
      case .uint32, .nullableUInt32: kind = .uint32
      case .uint8: kind = .uint8
      default: preconditionFailure("\(field.name): an integer goes to a UInt64, UInt32 or UInt8 column")
      }
      let most: UInt64 = kind == .uint64 ? .max : kind == .uint32 ? UInt64(UInt32.max) : UInt64(UInt8.max)
      precondition(maximum <= most, "\(field.name): its bounds exceed its column")
    }
  }
}

/// Equality of `count` bytes.
@inline(__always) func sameBytes(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer, _ count: Int) -> Bool {
  var index = 0
  while index < count {
    if (one.long(index) ^ other.long(index)) & lowBytes(count &- index) != 0 { return false }
    index &+= 8
  }
  return true
}

/// Memory at fixed addresses, freed all at once.
struct Allocations: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []

  mutating func allocate<Value: BitwiseCopyable>(_: Value.Type, count: Int = 1) -> UnsafeMutablePointer<Value> {
    let block = UnsafeMutablePointer<Value>.allocate(capacity: count)
    blocks.append(UnsafeMutableRawPointer(block))
    return block
  }

  /// A text's UTF-8 bytes, with 16 zeros after them.
  mutating func text(_ text: String) -> (base: UnsafeRawPointer, count: Int) {
    let bytes = Array(text.utf8)
    let block = allocate(UInt8.self, count: bytes.count + 16)
    block.initialize(repeating: 0, count: bytes.count + 16)
    for (index, byte) in bytes.enumerated() { block[index] = byte }
    return (UnsafeRawPointer(block), bytes.count)
  }

  deinit { for block in blocks { block.deallocate() } }
}
