import HTTPTypes
import ServiceContract

/// The cookie that browsers keep the refresh token in: no script reads it, and it comes along on the platform's own pages only.
package struct RefreshCookie: Sendable {
  package static let name = "refresh_token"

  private let path: String
  private let isSecure: Bool

  /// - Parameters:
  ///   - path: below which it is sent: where the auth service is for a browser.
  ///   - isSecure: whether it is sent over HTTPS only.
  package init(path: String, isSecure: Bool) {
    self.path = path
    self.isSecure = isSecure
  }

  /// The first of that name, which a browser sends for the most specific path.
  package func token(_ headers: HTTPFields) -> String? {
    for part in headers[values: .cookie].flatMap({ $0.split(separator: ";") }) {
      let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2, pair[0] == Self.name, !pair[1].isEmpty { return String(pair[1]) }
    }
    return nil
  }

  func header(_ pair: TokenPair, at nowMs: Int64) -> HTTPFields {
    [.setCookie: line(pair.refresh, seconds: max(0, pair.refreshExpiresAt - nowMs / 1000))]
  }

  /// Makes a browser forget it.
  package var removal: HTTPFields { [.setCookie: line("", seconds: 0)] }

  private func line(_ value: String, seconds: Int64) -> String {
    "\(Self.name)=\(value); Max-Age=\(seconds); Path=\(path); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
  }
}
