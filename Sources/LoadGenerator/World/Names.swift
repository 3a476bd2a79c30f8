/// What decks and courses are called, and where users live: always the same for the same.
enum Names {
  /// Nil for a private deck, of which there is one in four.
  static func deck(_ deck: Int, version: Int) -> String? {
    let draw = SeededGenerator.mix(UInt64(deck) ^ 0x6465_636B)
    guard draw % 4 > 0 else { return nil }
    return name(draw, number: deck, version: version)
  }

  static func course(_ course: Int, version: Int) -> String {
    name(SeededGenerator.mix(UInt64(course) ^ 0x636F_7572_7365), number: course, version: version)
  }

  /// Where the user is at home, by IANA's name.
  static func timezone(ofUser user: Int) -> String {
    timezones[Int(SeededGenerator.mix(UInt64(user) ^ 0x7A6F_6E65) >> 32) % timezones.count]
  }

  private static func name(_ draw: UInt64, number: Int, version: Int) -> String {
    let (subject, parts) = subjects[Int(draw >> 32) % subjects.count]
    return "\(subject): \(parts[(Int(draw >> 16 & 0xFF) + version) % parts.count]) \(number + 1)"
  }

  private static let subjects: [(String, [String])] = [
    ("Spanish", ["verbs", "at the market", "family", "idioms"]),
    ("Español", ["los verbos irregulares", "la cocina", "refranes"]),
    ("Английский", ["неправильные глаголы", "в дороге", "работа"]),
    ("Анатомия", ["кости", "мышцы", "нервная система"]),
    ("日本語", ["漢字", "動詞", "あいさつ"]),
    ("Geography", ["capitals", "rivers", "flags & coasts"]),
    ("Chemistry", ["elements", "\u{201C}functional\u{201D} groups", "reactions"]),
    ("History", ["dates", "treaties", "kings and queens"]),
    ("Music", ["intervals", "chords", "composers"]),
    ("SQL", ["joins", "window functions", "\"NULL\""]),
  ]

  /// The more often a zone is here, the more people live there.
  private static let timezones = [
    "Europe/Berlin", "Europe/Berlin", "Europe/Madrid", "Europe/Moscow", "Europe/Moscow", "Europe/London", "Asia/Almaty",
    "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "America/New_York", "America/Argentina/Buenos_Aires",
    "America/Sao_Paulo", "Africa/Lagos", "Australia/Lord_Howe", "Etc/UTC",
  ]
}
