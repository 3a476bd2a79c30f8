/// What the decoder knows of one event type.
struct TypeLayout {
  let keys: KeyTable
  /// The field masks' bits that must be seen, the envelope's included.
  let required: UInt32
  let version: UInt64
  let name: UnsafeRawPointer
  let nameCount: Int
}

/// Event types by name.
struct TypeTable {
  private static let slotCount = 64

  let layouts: UnsafeMutablePointer<TypeLayout>
  /// Type indices, -1 = free.
  private let slots: UnsafeMutablePointer<Int>

  init(_ catalogue: Catalogue, in memory: inout Allocations) {
    precondition(catalogue.events.count * 2 <= Self.slotCount, "at most \(Self.slotCount / 2) event types")
    layouts = memory.allocate(TypeLayout.self, count: catalogue.events.count)
    slots = memory.allocate(Int.self, count: Self.slotCount)
    slots.initialize(repeating: -1, count: Self.slotCount)
    for event in catalogue.events {
      let (name, count) = memory.text(event.type.name)
      var required: UInt32 = 0
      for (slot, field) in catalogue.envelope.enumerated() where field.isRequired { required |= 1 << slot }
      for (index, field) in event.payload.enumerated() where field.isRequired {
        required |= 1 << (EventDecoder.firstPayloadSlot + index)
      }
      (layouts + event.type.index).initialize(
        to: TypeLayout(
          keys: KeyTable(event.payload, firstSlot: EventDecoder.firstPayloadSlot, in: &memory), required: required,
          version: UInt64(event.version), name: name, nameCount: count))
      var slot = Self.hash(name, count)
      while slots[slot] >= 0 { slot = (slot + 1) % Self.slotCount }
      slots[slot] = event.type.index
    }
  }

  /// The index of the type of that name, or -1; eight bytes must be readable at `name`.
  @inline(__always) func index(_ name: UnsafeRawPointer, count: Int) -> Int {
    var slot = Self.hash(name, count)
    while slots[slot] >= 0 {
      let index = slots[slot]
      if layouts[index].nameCount == count && sameBytes(layouts[index].name, name, count) { return index }
      slot = (slot &+ 1) & (Self.slotCount &- 1)
    }
    return -1
  }

  /// Names differ in their first or last eight bytes, or in length.
  @inline(__always) private static func hash(_ name: UnsafeRawPointer, _ count: Int) -> Int {
    var word = name.long(0) & lowBytes(count)
    if count > 8 { word ^= name.long(count &- 8) &<< 7 }
    return Int(truncatingIfNeeded: ((word ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15) &>> 58)
  }
}
