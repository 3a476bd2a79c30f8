extension EventDecoder {
  /// A text that cannot be an event: finds the first fault in all of it, or that it is no object.
  @inline(never)
  mutating func refuseOther(_ text: UnsafeRawPointer, _ count: Int) -> Verdict {
    let start = JSONScanner.skipBlanks(text, 0, count)
    var next = JSONScanner.skipValue(text, start, count, depth: 1)
    if next < 0 { return refuse(next) }
    next = JSONScanner.skipBlanks(text, next, count)
    if next < count { return refuse(TextFault.malformed.at(next)) }
    return .invalid(.notAnObject)
  }

  @inline(never)
  mutating func refuse(_ packed: Int) -> Verdict {
    let (reason, index) = TextFault.unpack(packed)
    faultByte = index
    return .invalid(reason)
  }

  /// The reason of a well-formed object that is no valid event.
  @inline(never)
  mutating func judge() -> Verdict {
    for (slot, field) in catalogue.envelope.enumerated() {
      if let reason = fault(of: field, at: slot) {
        faultField = field.name
        return .invalid(reason)
      }
      if field.kind == .eventVersion && version != types.layouts[typeIndex].version {
        faultField = field.name
        return .invalid(.unknownVersion)
      }
    }
    for (index, field) in catalogue.events[typeIndex].payload.enumerated() {
      if let reason = fault(of: field, at: Self.firstPayloadSlot + index) {
        faultField = "payload.\(field.name)"
        return .invalid(reason)
      }
    }
    preconditionFailure("a message without a fault was refused")
  }

  private func fault(of field: Field, at slot: Int) -> Reason? {
    if bad & 1 << UInt32(slot) != 0 { return faults[slot] }
    return field.isRequired && seen & 1 << UInt32(slot) == 0 ? .missingField : nil
  }

  /// Appends the row whose fixed values are in place.
  @inline(__always)
  mutating func commit(_ offset: Int64, _ layout: UnsafeMutablePointer<TypeLayout>, _ columns: EventColumns) {
    let bases = columns.bases
    let state = columns.state
    let row = state.pointee.rows
    func store<Value: BitwiseCopyable>(_ value: Value, _ column: EventColumn) {
      bases[column.index].storeBytes(of: value, toByteOffset: row &* MemoryLayout<Value>.stride, as: Value.self)
    }
    store(offset, .kafkaOffset)
    store(UInt16(truncatingIfNeeded: version), .eventVersion)

    var type = state.pointee.typeIndices[typeIndex]
    if type == 0 {
      type = state.pointee.types.intern(layout.pointee.name, count: layout.pointee.nameCount)
      state.pointee.typeIndices[typeIndex] = type
    }
    store(type, .eventType)
    store(state.pointee.producers.intern(producer, count: producerCount), .producer)
    if textCount >= 0 { commitText(layout, columns) }
    if layout.pointee.knownMask != 0 {
      columns.known[row] = UInt8(truncatingIfNeeded: (seen &>> layout.pointee.knownShift) & layout.pointee.knownMask)
    }

    let occurredAtMs = bases[EventColumn.occurredAt.index].load(fromByteOffset: row &* 8, as: Int64.self)
    state.pointee.minOccurredAtMs = min(state.pointee.minOccurredAtMs, occurredAtMs)
    state.pointee.maxOccurredAtMs = max(state.pointee.maxOccurredAtMs, occurredAtMs)
    state.pointee.typeRows[typeIndex] &+= 1
    state.pointee.rows = row &+ 1
  }

  @inline(never)
  private mutating func commitText(_ layout: UnsafeMutablePointer<TypeLayout>, _ columns: EventColumns) {
    let state = columns.state
    let row = state.pointee.rows
    switch layout.pointee.text {
    case .email: commitEmail(columns)
    case .timeZone:
      let number = state.pointee.timezones.intern(text, count: textCount)
      columns.bases[EventColumn.timezone.index].storeBytes(of: number, toByteOffset: row * 4, as: UInt32.self)
    default:
      state.pointee.titles.append(text, count: textCount, row: row, ends: columns.bases[EventColumn.title.index])
    }
    state.pointee.textBytes =
      state.pointee.domains.byteCount + state.pointee.timezones.byteCount + state.pointee.emails.byteCount
      + state.pointee.titles.byteCount
  }

  /// Hash and domain of the address, lower-cased in ASCII as ClickHouse's `lower` does, and the address itself when it is
  /// to be kept.
  private mutating func commitEmail(_ columns: EventColumns) {
    let state = columns.state
    let row = state.pointee.rows
    if settings.keepsEmail {
      state.pointee.emails.append(text, count: textCount, row: row, ends: columns.bases[EventColumn.email.index])
    }
    // An unescaped address lies in the scratch itself.
    if text != UnsafeRawPointer(textScratch.base) {
      textScratch.room(textCount).copyMemory(from: text, byteCount: textCount)
    }
    let lowered = UnsafeMutableRawBufferPointer(start: textScratch.base, count: textCount)
    for index in lowered.indices where (0x41...0x5A).contains(lowered[index]) { lowered[index] |= 0x20 }
    let hash = settings.emailHashKey.hash(UnsafeRawBufferPointer(lowered))
    columns.bases[EventColumn.emailHash.index].storeBytes(of: hash, toByteOffset: row * 8, as: UInt64.self)
    let at = lowered.lastIndex(of: 0x40) ?? textCount - 1
    let domain = state.pointee.domains.intern(textScratch.base + at + 1, count: textCount - at - 1)
    columns.bases[EventColumn.emailDomain.index].storeBytes(of: domain, toByteOffset: row * 4, as: UInt32.self)
  }
}
