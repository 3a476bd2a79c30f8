import HTTPTypes

/// What a client's `Accept` allows.
struct AcceptedTypes {
  private struct Range {
    let type: Substring
    let subtype: Substring
    let isRefused: Bool

    func matches(_ type: Substring, _ subtype: Substring) -> Bool {
      (self.type == "*" || self.type == type) && (self.subtype == "*" || self.subtype == subtype)
    }

    var precision: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }
  }

  private let ranges: [Range]

  init(_ headers: HTTPFields) {
    ranges = headers[values: .accept].flatMap { $0.split(separator: ",") }.compactMap { item in
      let parts = item.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
      let names = parts.first?.split(separator: "/", omittingEmptySubsequences: false) ?? []
      guard names.count == 2 else { return nil }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      return Range(type: names[0], subtype: names[1], isRefused: weight <= 0)
    }
  }

  /// The most precise range that speaks of the type decides (RFC 9110, 12.5.1); without any `Accept` all is allowed.
  func allow(_ mediaType: String) -> Bool {
    if ranges.isEmpty { return true }
    let names = mediaType.split(separator: "/")
    guard names.count == 2 else { return false }
    let decisive = ranges.filter { $0.matches(names[0], names[1]) }.max { $0.precision < $1.precision }
    return decisive.map { !$0.isRefused } ?? false
  }
}
