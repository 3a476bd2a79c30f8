/// A ClickHouse release, as `25.5`; the numbers after those do not change what it promises.
package struct ServerVersion: Hashable, CustomStringConvertible {
  package let year: Int
  package let release: Int

  /// Those that delivery was tried on; docs/deployment.md says what was run on each.
  package static let tried: [ServerVersion] = [
    ServerVersion(25, 5), ServerVersion(25, 8), ServerVersion(26, 1), ServerVersion(26, 5), ServerVersion(26, 9),
  ]

  private init(_ year: Int, _ release: Int) {
    self.year = year
    self.release = release
  }

  /// - Parameter text: what `version()` answers, as `25.5.2.1`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let numbers = text.split(separator: ".").prefix(2).map { Int($0) }
    guard numbers.count == 2, let year = numbers[0], let release = numbers[1] else { return nil }
    self.init(year, release)
  }

  package var description: String { "\(year).\(release)" }

  /// Why a server of this version is refused, in one sentence; nil when it was tried.
  package static func refusal(of text: String) -> String? {
    if let version = ServerVersion(text), tried.contains(version) { return nil }
    return """
      ClickHouse \(text) was never tried, only \(tried.map(\.description).joined(separator: ", ")): use one of these, or \
      set COLLECTOR_ALLOW_UNTRIED_CLICKHOUSE=true to rely on the proof at the start alone.
      """
  }
}
