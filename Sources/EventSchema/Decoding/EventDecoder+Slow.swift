import CivilTime

/// Keys and values the pass does not read itself: unknown ones, escapes, other types, null, unusual numbers and times.
extension EventDecoder {
  /// Reads a key from its opening quote to after its colon.
  @inline(never)
  mutating func lookUp(
    _ text: UnsafeRawPointer, _ start: Int, _ end: Int, _ table: KeyTable
  ) -> (entry: UnsafeMutablePointer<KeyEntry>, next: Int) {
    guard text.byte(start) == 0x22, start < end else { return (table.unknown, TextFault.malformed.at(start)) }
    let entry: UnsafeMutablePointer<KeyEntry>
    var index = findSpecial(text, start &+ 1, end)
    if index < end && text.byte(index) == 0x22 {
      entry = table.entry(text + start + 1, count: index &- start &- 1)
      index &+= 1
    } else {
      let (next, count) = JSONScanner.unescape(
        text, start + 1, end, into: keyScratch.base, capacity: keyScratch.capacity)
      if next < 0 { return (table.unknown, next) }
      // A key longer than the scratch is none of ours.
      entry = count <= keyScratch.capacity ? table.entry(keyScratch.base, count: count) : table.unknown
      index = next
    }
    index = JSONScanner.skipBlanks(text, index, end)
    guard index < end, text.byte(index) == 0x3A else { return (entry, TextFault.malformed.at(index)) }
    return (entry, index &+ 1)
  }

  /// Checks any value, and reads it when its key is known. Returns the index after it or a packed `TextFault`.
  @inline(never)
  mutating func readSlowly(
    _ entry: UnsafeMutablePointer<KeyEntry>, _ text: UnsafeRawPointer, _ start: Int, _ end: Int, depth: Int,
    _ columns: EventColumns, _ seen: inout UInt32, _ bad: inout UInt32
  ) -> Int {
    let bases = columns.bases
    let row = columns.state.pointee.rows
    let kind = entry.pointee.kind
    let next = JSONScanner.skipValue(text, start, end, depth: depth)
    if next < 0 || kind == .unknown { return next }
    let value = UnsafeRawBufferPointer(start: text + start, count: next - start)
    let bit = entry.pointee.bit

    if kind == .eventType { typeIndex = -1 }
    if kind == .eventVersion { version = 1 }
    if value[0] == 0x6E && !entry.pointee.isRequired {
      // null: as if absent, and undoes an earlier one of the same key.
      if kind.isPayloadString { textCount = -1 } else { columns.clear(entry.pointee.column) }
      seen &= ~bit
      bad &= ~bit
      return next
    }

    let reason: Reason?
    switch kind {
    case .unknown: return next
    case .payload: reason = value[0] == 0x7B ? nil : .wrongType
    case .boolean: reason = .wrongType
    case .uint64, .uint32, .uint8, .eventVersion: reason = readInteger(entry, value, bases, row)
    case .number: reason = readDouble(entry, value, bases, row)
    case .uuid, .time, .dueTime, .producer, .eventType, .email, .text, .timeZone:
      reason = value[0] == 0x22 ? readString(entry, text, start + 1, end, bases, row) : .wrongType
    }
    if let reason {
      note(reason, entry, &seen, &bad)
    } else {
      seen |= bit
      bad &= ~bit
    }
    return next
  }

  private mutating func readInteger(
    _ entry: UnsafeMutablePointer<KeyEntry>, _ value: UnsafeRawBufferPointer,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ row: Int
  ) -> Reason? {
    guard value[0] == 0x2D || isDigit(value[0]) else { return .wrongType }
    switch NumberText.integer(value) {
    case .fraction: return .wrongType
    case .outOfRange:
      guard entry.pointee.kind == .eventVersion else { return .outOfRange }
      version = .max
    case .value(let number):
      if entry.pointee.kind == .eventVersion {
        version = number
      } else if number < entry.pointee.minimum || number > entry.pointee.maximum {
        return .outOfRange
      } else {
        storeInteger(number, entry, bases, row)
      }
    }
    return nil
  }

  private func readDouble(
    _ entry: UnsafeMutablePointer<KeyEntry>, _ value: UnsafeRawBufferPointer,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ row: Int
  ) -> Reason? {
    guard value[0] == 0x2D || isDigit(value[0]) else { return .wrongType }
    let number = NumberText.double(value)
    guard number >= entry.pointee.least, number <= entry.pointee.most else { return .outOfRange }
    // Adding zero makes -0 a 0.
    bases[entry.pointee.column].storeBytes(of: number + 0, toByteOffset: row * 8, as: Double.self)
    return nil
  }

  /// A string known to be well-formed, from the byte after its opening quote on.
  private mutating func readString(
    _ entry: UnsafeMutablePointer<KeyEntry>, _ text: UnsafeRawPointer, _ start: Int, _ end: Int,
    _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ row: Int
  ) -> Reason? {
    let close = findSpecial(text, start, end)
    var string = UnsafeRawBufferPointer(start: text + start, count: close - start)
    if text.byte(close) != 0x22 {
      // Producer and payload's string are needed until the row is committed, so each has a buffer of its own.
      let base =
        switch entry.pointee.kind {
        case .producer: producerScratch.room(end - start)
        case .email, .text, .timeZone: textScratch.room(end - start)
        default: valueScratch.room(end - start)
        }
      let (_, count) = JSONScanner.unescape(text, start, end, into: base, capacity: end - start)
      string = UnsafeRawBufferPointer(start: base, count: count)
    }
    guard let base = string.baseAddress else { return .wrongType }

    switch entry.pointee.kind {
    case .producer:
      producer = base
      producerCount = string.count
    case .email:
      guard string.contains(0x40) else { return .badEmail }
      self.text = base
      textCount = string.count
    case .text:
      // A code point is what no continuation byte begins.
      guard string.count(where: { $0 & 0xC0 != 0x80 }) <= entry.pointee.maximum else { return .textTooLong }
      self.text = base
      textCount = string.count
    case .timeZone:
      guard TimeZoneText.isName(string) else { return .badTimeZone }
      self.text = base
      textCount = string.count
    case .eventType:
      typeIndex = types.index(base, count: string.count)
      if typeIndex < 0 { return .unknownType }
    case .uuid:
      guard let (high, low) = Self.uuid(string) else { return .badUUID }
      bases[entry.pointee.column].storeBytes(of: high, toByteOffset: row * 16, as: UInt64.self)
      bases[entry.pointee.column].storeBytes(of: low, toByteOffset: row * 16 + 8, as: UInt64.self)
    default:
      guard let milliseconds = TimeText.milliseconds(string) else { return .badTime }
      if milliseconds < Self.earliestTimeMs { return .timeTooEarly }
      if milliseconds > latestMs && isTooLate(milliseconds, entry.pointee.kind) {
        return milliseconds > Self.latestTimeMs ? .outOfRange : .timeInFuture
      }
      bases[entry.pointee.column].storeBytes(of: milliseconds, toByteOffset: row * 8, as: Int64.self)
    }
    return nil
  }

  private static func uuid(_ text: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64)? {
    guard text.count == 36 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for (index, byte) in text.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == 0x2D else { return nil }
        continue
      }
      guard let digit = hexDigit(byte) else { return nil }
      if index < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
    }
    return (high, low)
  }

  /// Forgets a payload already read: another one, or another type, takes its place.
  @inline(never)
  mutating func clearPayload(_ seen: inout UInt32, _ bad: inout UInt32, _ columns: EventColumns) {
    seen &= Self.envelopeMask
    bad &= Self.envelopeMask
    textCount = -1
    for column in EventColumn.eventTime.index..<EventColumn.allCases.count { columns.clear(column) }
  }
}
