extension EventDecoder {
  /// Checks the text and stores what it says at the columns' next row. Returns the index after the envelope, a packed
  /// `TextFault`, or something short of `end` when the text is no object.
  ///
  /// `text[end - 1]` is `}`. So every loop that runs over blanks or digits, and every comparison with known bytes, stops
  /// before `end` by itself; only strings, skipped values and closing braces need to look.
  @inline(never)
  mutating func scan(_ text: UnsafeRawPointer, _ end: Int, _ columns: EventColumns) -> Int {
    let bases = columns.bases
    let row = columns.state.pointee.rows
    let envelope = self.envelope
    let layouts = types.layouts
    var seen: UInt32 = 0
    var bad: UInt32 = 0
    typeIndex = -1
    version = 1
    producerCount = 0
    textCount = -1

    var index = 0
    skipBlanks(text, &index)
    guard text.byte(index) == 0x7B else { return 0 }
    index &+= 1
    skipBlanks(text, &index)
    if text.byte(index) == 0x7D {
      self.seen = 0
      self.bad = 0
      return index &+ 1
    }

    var table = envelope
    var previous = table.head
    var isInPayload = false
    // Where the payload starts; whether it must be read (again) once the envelope is known.
    var payloadStart = -1
    var isPayloadDue = false
    var envelopeEnd = 0

    keys: while true {
      var entry = previous.pointee.next
      if text.byte(index) == 0x22 && text.long(index &+ 1) & entry.pointee.lowMask == entry.pointee.low
        && text.long(index &+ 9) & entry.pointee.highMask == entry.pointee.high
        && text.half(index &+ 1 &+ entry.pointee.count) == 0x3A22
      {
        index &+= entry.pointee.count &+ 3
        previous = entry
      } else {
        let (found, next) = lookUp(text, index, end, table)
        if next < 0 { return next }
        index = next
        entry = found
        if entry != table.unknown {
          previous.pointee.next = entry
          previous = entry
        }
      }
      skipBlanks(text, &index)

      let start = index
      let bit = entry.pointee.bit
      // Set by a value read here; whatever is left goes the slow road.
      var isRead = false
      switch entry.pointee.kind {
      case .uint64, .uint32, .uint8, .eventVersion:
        let (value, next, isOver) = readDigits(text, index)
        if next > index {
          index = next
          isRead = true
          if entry.pointee.kind == .eventVersion {
            version = isOver ? .max : value
          } else if isOver || value < entry.pointee.minimum || value > entry.pointee.maximum {
            note(.outOfRange, entry, &seen, &bad)
            break
          } else {
            storeInteger(value, entry, bases, row)
          }
          seen |= bit
          bad &= ~bit
        }
      case .time, .dueTime:
        let (milliseconds, next) = readTime(text, index)
        if next > index {
          index = next
          isRead = true
          if milliseconds < Self.earliestTimeMs {
            note(.timeTooEarly, entry, &seen, &bad)
          } else if milliseconds > latestMs && isTooLate(milliseconds, entry.pointee.kind) {
            note(milliseconds > Self.latestTimeMs ? .outOfRange : .timeInFuture, entry, &seen, &bad)
          } else {
            bases[entry.pointee.column].storeBytes(of: milliseconds, toByteOffset: row &* 8, as: Int64.self)
            seen |= bit
            bad &= ~bit
          }
        }
      case .uuid:
        let (high, low, isGood) = readUUID(text, index)
        if isGood {
          index &+= 38
          isRead = true
          bases[entry.pointee.column].storeBytes(of: high, toByteOffset: row &* 16, as: UInt64.self)
          bases[entry.pointee.column].storeBytes(of: low, toByteOffset: row &* 16 &+ 8, as: UInt64.self)
          seen |= bit
          bad &= ~bit
        }
      case .boolean:
        let word = text.word(index)
        let isTrue = word == 0x6575_7274
        if isTrue || (word == 0x736C_6166 && text.byte(index &+ 4) == 0x65) {
          index &+= isTrue ? 4 : 5
          isRead = true
          bases[entry.pointee.column].storeBytes(of: isTrue ? 1 : 0, toByteOffset: row, as: UInt8.self)
          seen |= bit
          bad &= ~bit
        }
      case .number:
        let (value, next) = readNumber(text, index)
        if next > index {
          index = next
          isRead = true
          if value < entry.pointee.least || value > entry.pointee.most {
            note(.outOfRange, entry, &seen, &bad)
          } else {
            bases[entry.pointee.column].storeBytes(of: value, toByteOffset: row &* 8, as: Double.self)
            seen |= bit
            bad &= ~bit
          }
        }
      case .producer:
        if text.byte(index) == 0x22 {
          let close = findSpecial(text, index &+ 1, end)
          if close < end && text.byte(close) == 0x22 {
            producer = text + index + 1
            producerCount = close &- index &- 1
            index = close &+ 1
            isRead = true
            seen |= bit
            bad &= ~bit
          }
        }
      case .eventType:
        if text.byte(index) == 0x22 {
          let close = findSpecial(text, index &+ 1, end)
          if close < end && text.byte(close) == 0x22 {
            typeIndex = types.index(text + index + 1, count: close &- index &- 1)
            index = close &+ 1
            isRead = true
            isPayloadDue = payloadStart >= 0
            if typeIndex >= 0 {
              seen |= bit
              bad &= ~bit
            } else {
              note(.unknownType, entry, &seen, &bad)
            }
          }
        }
      case .payload:
        if payloadStart >= 0 { clearPayload(&seen, &bad, columns) }
        payloadStart = -1
        isPayloadDue = false
        if text.byte(index) == 0x7B {
          payloadStart = index
          seen |= bit
          bad &= ~bit
          isPayloadDue = typeIndex < 0
          if !isPayloadDue {
            isRead = true
            index &+= 1
            skipBlanks(text, &index)
            if text.byte(index) == 0x7D {
              index &+= 1
              if index >= end { return TextFault.malformed.at(index) }
            } else {
              isInPayload = true
              table = layouts[typeIndex].keys
              previous = table.head
              continue keys
            }
          }
        }
      case .email, .text, .timeZone, .unknown:
        break
      }

      if !isRead {
        let next = readSlowly(entry, text, start, end, depth: isInPayload ? 3 : 2, columns, &seen, &bad)
        if next < 0 { return next }
        if next >= end { return TextFault.malformed.at(end) }
        index = next
        if entry.pointee.kind == .eventType { isPayloadDue = payloadStart >= 0 }
      }

      // What follows a value: another key, or the end of this object.
      while true {
        if text.byte(index) == 0x2C {
          index &+= 1
          skipBlanks(text, &index)
          continue keys
        }
        skipBlanks(text, &index)
        let byte = text.byte(index)
        index &+= 1
        if byte == 0x2C {
          skipBlanks(text, &index)
          continue keys
        }
        if byte != 0x7D { return TextFault.malformed.at(index &- 1) }
        if envelopeEnd > 0 { break keys }
        if !isInPayload {
          if !isPayloadDue || typeIndex < 0 || index != end {
            envelopeEnd = index
            break keys
          }
          // Only now is the type known (or known anew): read the payload, which is well-formed, under it.
          envelopeEnd = index
          clearPayload(&seen, &bad, columns)
          index = payloadStart &+ 1
          skipBlanks(text, &index)
          if text.byte(index) == 0x7D { break keys }
          isInPayload = true
          table = layouts[typeIndex].keys
          previous = table.head
          continue keys
        }
        isInPayload = false
        table = envelope
        previous = table.head
        if index >= end { return TextFault.malformed.at(index) }
      }
    }
    self.seen = seen
    self.bad = bad
    return envelopeEnd
  }
}

/// Moves past blanks; a `}` ahead stops it.
@inline(__always) private func skipBlanks(_ text: UnsafeRawPointer, _ index: inout Int) {
  if text.byte(index) > 0x20 { return }
  while isBlank(text.byte(index)) { index &+= 1 }
}
