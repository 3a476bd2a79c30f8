import EventSchema

/// The contract in the plainest words: parse, then check field by field. The second opinion of the differential tests.
struct ReferenceDecoder {
  var settings = EventSettings()

  private struct Fault: Error {
    var reason: Reason
    var field: String
  }

  func decode(_ bytes: [UInt8], offset: Int64, kafkaTimestampMs: Int64) -> Decoded {
    if bytes.count > 1_048_576 { return Decoded(verdict: .invalid(.tooLarge), detail: "") }
    let value: ReferenceJSON
    do { value = try ReferenceReader.read(bytes) } catch {
      return Decoded(verdict: .invalid(error.reason), detail: "byte")
    }
    guard case .object(let members) = value else { return Decoded(verdict: .invalid(.notAnObject), detail: "") }
    do {
      let (type, row) = try event(members, offset, kafkaTimestampMs)
      return Decoded(verdict: .event(type), detail: "", row: row)
    } catch {
      return Decoded(verdict: .invalid(error.reason), detail: error.field)
    }
  }

  private typealias Members = [(key: [UInt8], value: ReferenceJSON)]

  private func event(
    _ members: Members, _ offset: Int64, _ kafkaTimestampMs: Int64
  ) throws(Fault) -> (EventType, [Cell]) {
    var row = EventColumn.allCases.map(Cell.zero)
    row[EventColumn.kafkaOffset.index] = .bits(UInt64(bitPattern: offset))
    row[EventColumn.eventVersion.index] = .bits(1)
    var type: EventType?
    var payload: Members = []
    for field in Catalogue.v1.envelope {
      guard let value = try value(of: field, in: members, prefix: "") else { continue }
      func fail(_ reason: Reason) -> Fault { Fault(reason: reason, field: field.name) }
      switch (field.name, value) {
      case ("event_type", .string(let name)):
        type = EventType.allCases.first { Array($0.name.utf8) == name }
        guard let type else { throw fail(.unknownType) }
        row[EventColumn.eventType.index] = .text(type.name)
      case ("event_version", .number(let text)):
        guard let integer = Self.integer(text) else { throw fail(.wrongType) }
        guard integer == .some(1) else { throw fail(.unknownVersion) }
      case ("payload", .object(let members)): payload = members
      case ("producer", .string(let text)): row[EventColumn.producer.index] = .text(text)
      case ("event_id", _), ("occured_at", _):
        try store(value, field, &row, kafkaTimestampMs, prefix: "")
      default: throw fail(.wrongType)
      }
    }
    guard let type else { throw Fault(reason: .missingField, field: "event_type") }
    for field in Catalogue.v1[type].payload {
      guard let value = try value(of: field, in: payload, prefix: "payload.") else { continue }
      try store(value, field, &row, kafkaTimestampMs, prefix: "payload.")
    }
    return (type, row)
  }

  /// The last value under the field's key; nil when an optional one is absent or null.
  private func value(of field: Field, in members: Members, prefix: String) throws(Fault) -> ReferenceJSON? {
    guard let value = members.last(where: { $0.key == Array(field.name.utf8) })?.value else {
      if field.isRequired { throw Fault(reason: .missingField, field: prefix + field.name) }
      return nil
    }
    if case .null = value, !field.isRequired { return nil }
    return value
  }

  private func store(
    _ value: ReferenceJSON, _ field: Field, _ row: inout [Cell], _ kafkaTimestampMs: Int64, prefix: String
  ) throws(Fault) {
    func fail(_ reason: Reason) -> Fault { Fault(reason: reason, field: prefix + field.name) }
    guard let column = field.column else { throw fail(.wrongType) }
    switch (field.kind, value) {
    case (.uuid, .string(let text)):
      guard let uuid = Self.uuid(text) else { throw fail(.badUUID) }
      row[column.index] = uuid
    case (.time, .string(let text)):
      guard let time = Self.time(text) else { throw fail(.badTime) }
      if time < 946_684_800_000 { throw fail(.timeTooEarly) }
      let end: Int64 = 4_291_747_200_000
      if time >= end { throw fail(.outOfRange) }
      if kafkaTimestampMs >= 0 && time - 86_400_000 > kafkaTimestampMs { throw fail(.timeInFuture) }
      row[column.index] = .bits(UInt64(time))
    case (.dueTime, .string(let text)):
      guard let time = Self.time(text) else { throw fail(.badTime) }
      if time < 946_684_800_000 { throw fail(.timeTooEarly) }
      if time >= 4_291_747_200_000 { throw fail(.outOfRange) }
      row[column.index] = .bits(UInt64(time))
    case (.text(let longest), .string(let text)):
      if String(decoding: text, as: UTF8.self).unicodeScalars.count > longest { throw fail(.textTooLong) }
      row[column.index] = .text(text)
    case (.timeZone, .string(let text)):
      let parts = String(decoding: text, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false)
      let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
      guard text.count <= 64, let first = parts[0].first, letters.contains(first),
        parts.allSatisfy({ part in !part.isEmpty && part.allSatisfy { (letters + "0123456789_+-").contains($0) } })
      else { throw fail(.badTimeZone) }
      row[column.index] = .text(text)
    case (.integer(let bounds), .number(let text)):
      guard let integer = Self.integer(text) else { throw fail(.wrongType) }
      guard let known = integer, bounds.contains(known) else { throw fail(.outOfRange) }
      row[column.index] = .bits(known)
    case (.number(let bounds), .number(let text)):
      guard let number = Double(text), bounds.contains(number) else { throw fail(.outOfRange) }
      row[column.index] = .bits((number == 0 ? 0 : number).bitPattern)
    case (.boolean, .bool(let flag)): row[column.index] = .bits(flag ? 1 : 0)
    case (.email, .string(let text)):
      guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { throw fail(.badEmail) }
      let lowered = text.map { (65...90).contains($0) ? $0 + 32 : $0 }
      if settings.keepsEmail { row[EventColumn.email.index] = .text(text) }
      row[EventColumn.emailDomain.index] = .text(Array(lowered[(at + 1)...]))
      row[EventColumn.emailHash.index] = .bits(
        lowered.withUnsafeBytes { settings.emailHashKey.hash($0) })
    default: throw fail(.wrongType)
    }
  }

  /// nil: not a whole number; .some(nil): whole, but not a UInt64.
  static func integer(_ text: String) -> UInt64?? {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    let mantissa = parts[0].split(separator: ".")
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    var digits = String(mantissa[0]) + fraction
    // No test writes an exponent that Int does not hold, other than to be out of range.
    let exponent = parts.count > 1 ? Int(parts[1]) ?? (parts[1].hasPrefix("-") ? -1_000_000 : 1_000_000) : 0
    var point = mantissa[0].count + exponent
    while digits.hasPrefix("0") {
      digits.removeFirst()
      point -= 1
    }
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.isEmpty { return .some(.some(0)) }
    if point < digits.count { return nil }
    if isNegative || point > 20 { return .some(nil) }
    return .some(UInt64(digits + String(repeating: "0", count: point - digits.count)))
  }

  static func uuid(_ text: [UInt8]) -> Cell? {
    let parts = String(decoding: text, as: UTF8.self).split(separator: "-", omittingEmptySubsequences: false)
    guard text.count == 36, parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
      parts.joined().allSatisfy({ $0.isASCII && $0.isHexDigit }),
      let high = UInt64(parts[0...2].joined(), radix: 16), let low = UInt64(parts[3...4].joined(), radix: 16)
    else { return nil }
    return .wide(high: high, low: low)
  }

  /// Counts years and months one by one.
  static func time(_ bytes: [UInt8]) -> Int64? {
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    guard text.utf8.count == bytes.count else { return nil }
    func number(_ count: Int) -> Int? {
      let digits = text.prefix(count)
      guard digits.utf8.count == count, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
      text = text.dropFirst(count)
      return Int(digits)
    }
    func mark(_ marks: String) -> Character? {
      guard let first = text.first, first.isASCII, marks.contains(first) else { return nil }
      return text.removeFirst()
    }
    guard let year = number(4), mark("-") != nil, let month = number(2), mark("-") != nil, let day = number(2),
      mark("Tt ") != nil, let hour = number(2), mark(":") != nil, let minute = number(2), mark(":") != nil,
      let second = number(2)
    else { return nil }
    var millisecond = 0
    if mark(".") != nil {
      let digits = text.prefix { ("0"..."9").contains($0) }
      guard (1...9).contains(digits.utf8.count), let value = Int((digits + "00").prefix(3)) else { return nil }
      millisecond = value
      text = text.dropFirst(digits.count)
    }
    var offset = 0
    if let sign = mark("+-") {
      guard let hours = number(2), mark(":") != nil, let minutes = number(2), hours < 24, minutes < 60 else {
        return nil
      }
      offset = (hours * 60 + minutes) * (sign == "-" ? -1 : 1)
    } else {
      _ = mark("Zz")
    }
    func isLeap(_ year: Int) -> Bool { year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) }
    func length(_ month: Int, _ year: Int) -> Int {
      [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
    guard text.isEmpty, (1...12).contains(month), (1...length(month, year)).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    var days = day - 1
    for earlier in 1..<month { days += length(earlier, year) }
    if year >= 1970 {
      for earlier in 1970..<year { days += isLeap(earlier) ? 366 : 365 }
    } else {
      for later in year..<1970 { days -= isLeap(later) ? 366 : 365 }
    }
    let minutes = (days * 24 + hour) * 60 + minute - offset
    if second == 60 {
      // Only as the last second of a month in UTC: the minute after must be the first of a month.
      guard (minutes + 1) % 1440 == 0 else { return nil }
      var left = (minutes + 1) / 1440
      var at = (year: 1970, month: 1)
      while left > 0 {
        left -= length(at.month, at.year)
        at = at.month == 12 ? (at.year + 1, 1) : (at.year, at.month + 1)
      }
      if left != 0 && minutes >= 0 { return nil }
    }
    return Int64(minutes * 60 + second) * 1000 + Int64(millisecond)
  }
}
