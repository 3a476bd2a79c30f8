import EventSchema

/// Messages that are almost events: catalogue keys in any order, doubled, escaped and spaced out, with values from valid
/// to absurd; some then damaged byte by byte.
struct FuzzedMessages {
  var samples: SampleEvents
  private var random: Seeded {
    get { samples.random }
    set { samples.random = newValue }
  }

  init(seed: UInt64) { samples = SampleEvents(seed: seed) }

  private static let oddValues: [String] = [
    "null", "true", "false", "0", "1", "-1", "3", "12.0", "1.5", "1e0", "1e400", "-0", "4294967296", "01", "1.", "NaN",
    "18446744073709551616", "\"\"", "\"x\"", "\"12\"", "\"@\"", "\"\\ud800\"", "\"\\u0041\\ud83d\\ude00\"", "[]", "{}",
    "[1,[2,{\"a\":null}]]", "{\"user_id\":1,\"user_id\":[]}", "\"2024-02-29T10:00:00Z\"", "\"1999-12-31T23:59:59Z\"",
    "\"2024-02-29 10:00:00.123456+05:30\"", "\"2024-02-30T10:00:00Z\"", "\"2016-12-31T23:59:60Z\"",
    "\"2290-01-01T00:00:00\"", "\"00000000-0000-0000-0000-000000000000\"", "\"card_answered\"", "\"user_registered\"",
    "\"caf\u{E9}\"", "0.30000000000000004", "99.99999999999999999999", "1.2e1", "120e-1",
    "0.999999999999999944488848768", "\"Europe/Berlin\"", "\"Europe//Berlin\"", "\"\\u0055TC\"",
    "\"2060-02-29T10:00:00Z\"", "\"\(String(repeating: "\u{E9}", count: 200))\"",
    "\"\(String(repeating: "x", count: 201))\"",
  ]

  mutating func next() -> [UInt8] {
    let type = random.pick(EventType.allCases)
    guard case .object(var members)? = try? ReferenceReader.read(samples.event(type).wire) else { return [] }
    var payload: [(key: [UInt8], value: ReferenceJSON)] = []
    if case .object(let inner)? = members.last?.value { payload = inner }
    members.removeLast()

    var text: [UInt8] = []
    doubleOne(of: &members)
    doubleOne(of: &payload)
    var parts = members.map { part($0) }
    parts.append(key("payload") + blanks() + Array(":".utf8) + blanks() + object(payload.map { part($0) }))
    if random.one(in: 20) {
      parts.append(key("payload") + Array(":".utf8) + object(payload.shuffled(using: &random).map { part($0) }))
    }
    if random.one(in: 20) {
      parts.append(key("event_type") + Array(":".utf8) + Array("\"\(random.pick(EventType.allCases).name)\"".utf8))
    }
    text += object(parts)
    if random.one(in: 4) { text = blanks() + text + blanks() }
    if random.one(in: 4) { damage(&text) }
    return text
  }

  /// Says one key twice, the second time something else, often null.
  private mutating func doubleOne(of members: inout [(key: [UInt8], value: ReferenceJSON)]) {
    guard random.one(in: 6), let doubled = members.randomElement(using: &random) else { return }
    let values: [ReferenceJSON] = [
      .null, .null, .bool(true), .number("2"), .number("2.5"), .string(Array("x".utf8)), .array([]),
    ]
    members.insert((doubled.key, random.pick(values)), at: Int.random(in: 0...members.count, using: &random))
  }

  private mutating func object(_ parts: [[UInt8]]) -> [UInt8] {
    var parts = parts
    if random.one(in: 3) { parts.shuffle(using: &random) }
    if random.one(in: 12), let doubled = parts.randomElement(using: &random) {
      parts.insert(doubled, at: Int.random(in: 0...parts.count, using: &random))
    }
    if random.one(in: 12), !parts.isEmpty { parts.remove(at: Int.random(in: 0..<parts.count, using: &random)) }
    if random.one(in: 8) {
      let name = random.pick([
        "x", "user", "email", "title", "timezone", "deck_id", "started_at", "", "a-very-long-key-that-nobody-knows",
        "rating\u{E9}",
      ])
      parts.insert(key(name) + Array(":".utf8) + odd(), at: Int.random(in: 0...parts.count, using: &random))
    }
    var text: [UInt8] = Array("{".utf8) + blanks()
    for (index, part) in parts.enumerated() {
      if index > 0 { text += Array(",".utf8) + blanks() }
      text += part + blanks()
    }
    return text + Array("}".utf8)
  }

  private mutating func part(_ member: (key: [UInt8], value: ReferenceJSON)) -> [UInt8] {
    let name = String(decoding: member.key, as: UTF8.self)
    var text = key(name) + blanks() + Array(":".utf8) + blanks()
    if random.one(in: 15) { return text + odd() }
    switch member.value {
    case .string(let value): text += string(value)
    case .number(let value): text += number(value)
    case .bool(let value): text += Array("\(value)".utf8)
    case .array: text += Array("[]".utf8)
    default: text += Array("null".utf8)
    }
    return text
  }

  private mutating func odd() -> [UInt8] { Array(random.pick(Self.oddValues).utf8) }

  private mutating func number(_ text: String) -> [UInt8] {
    guard random.one(in: 10), !text.contains(where: { ".e".contains($0) }) else { return Array(text.utf8) }
    return Array((text + random.pick([".0", "e0", "E+0", ".000", "0e-1", ".5", "00e-2"])).utf8)
  }

  private mutating func key(_ name: String) -> [UInt8] { string(Array(name.utf8)) }

  private mutating func string(_ value: [UInt8]) -> [UInt8] {
    let escapes = random.one(in: 25)
    var text = "\""
    for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      if mustEscape || (escapes && random.one(in: 4)) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: random.one(in: 2))
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return Array((text + "\"").utf8)
  }

  private mutating func blanks() -> [UInt8] {
    guard random.one(in: 8) else { return [] }
    return (0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick([0x20, 0x20, 0x09, 0x0A, 0x0D]) }
  }

  private mutating func damage(_ text: inout [UInt8]) {
    for _ in 0..<Int.random(in: 1...2, using: &random) where !text.isEmpty {
      let index = Int.random(in: 0..<text.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: text[index] = UInt8.random(in: 0...255, using: &random)
      case 1: text[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: text.remove(at: index)
      case 3: text.insert(random.pick(Array("\"\\{}[],:0-e.\u{1}".utf8)), at: index)
      case 4: text.removeLast(min(text.count, Int.random(in: 1...30, using: &random)))
      default:
        let end = min(text.count, index + Int.random(in: 1...40, using: &random))
        text.insert(contentsOf: text[index..<end], at: Int.random(in: 0...text.count, using: &random))
      }
    }
  }
}
