/// What the decoder knows of one event type.
struct TypeLayout {
  let keys: KeyTable
  /// The field masks' bits that must be seen, the envelope's included.
  let required: UInt32
  /// The field masks' bits, moved down by `knownShift`, of the fields whose columns are nullable.
  let knownShift: UInt32
  let knownMask: UInt32
  /// The kind of the payload's string; `unknown` when the type has none.
  let text: KeyEntry.Kind
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
      let keys = KeyTable(event.payload, firstSlot: EventDecoder.firstPayloadSlot, in: &memory)
      let nullable = event.payload.indices.filter { index in
        event.payload[index].column.map { EventColumn.nullable.contains($0) } ?? false
      }
      // So that the field masks' bits are the row's, but for their place.
      precondition(
        nullable.isEmpty || event.payload[nullable[0]...].map(\.column) == EventColumn.nullable,
        "\(event.type.name): nullable fields are the payload's last, and all of them")
      (layouts + event.type.index).initialize(
        to: TypeLayout(
          keys: keys, required: required,
          knownShift: UInt32(EventDecoder.firstPayloadSlot + (nullable.first ?? 0)),
          knownMask: nullable.isEmpty ? 0 : (1 << UInt32(nullable.count)) - 1, text: keys.payloadString,
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
