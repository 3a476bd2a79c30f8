import Gateway
import Testing

/// Where a path leads, and which are refused because others would read them differently.
@Suite struct RequestTargetTests {
  private func destination(_ text: String) throws -> RequestTarget.Destination { try RequestTarget(text).destination }

  private func problem(_ text: String) -> TargetProblem? {
    do throws(TargetProblem) {
      _ = try RequestTarget(text)
      return nil
    } catch { return error }
  }

  @Test(
    arguments: [
      ("/decks/decks/", UpstreamName.decks, "/api/decks/"), ("/auth/register", .auth, "/api/register"),
      ("/analytics/v1/query?x=1&y=%2f..//", .analytics, "/api/v1/query?x=1&y=%2f..//"), ("/users", .users, "/api"),
      ("/users?q=кот", .users, "/api?q=кот"), ("/teaching/", .teaching, "/api/"),
      ("/users/users/email/a%40b.org", .users, "/api/users/email/a%40b.org"),
      ("/decks/a/%D0%BA/b.c/..d/...", .decks, "/api/a/%D0%BA/b.c/..d/..."),
      ("/decks/decks/metrics", .decks, "/api/decks/metrics"), ("/decks/%252f", .decks, "/api/%252f"),
    ])
  func aServicesPathIsItsOwn(_ text: String, _ name: UpstreamName, _ uri: String) throws {
    #expect(try destination(text) == .upstream(name, uri: uri))
  }

  @Test(arguments: ["/health/live", "/health/ready", "/health", "/metrics", "/metrics?x"])
  func itsOwnAreItsOwn(_ text: String) throws {
    #expect(try destination(text) == .own)
  }

  @Test(
    arguments: [
      "/", "/nothing/x", "/Decks/decks", "/%64ecks/decks", "/decks2", "/api/decks", "/users/verify_user",
      "/users/verify_user/", "/users/verify_user?x", "/users/VERIFY_USER", "/users/%76erify_user",
      "/users/verify%5Fuser",
      "/auth/internal/revoke", "/auth/Internal", "/auth/%69nternal/revoke", "/decks/metrics", "/decks/metrics/",
      "/decks/health/live", "/users/health", "/metrics/x",
    ])
  func whatIsNotForTheWorldIsNowhere(_ text: String) throws {
    #expect(try destination(text) == .nowhere)
  }

  @Test(
    arguments: [
      ("", TargetProblem.notAPath), ("*", .notAPath), ("http://evil/decks/", .notAPath), ("decks/x", .notAPath),
      ("//decks/x", .emptySegment), ("/decks//x", .emptySegment), ("/decks/x//", .emptySegment), ("//", .emptySegment),
      ("/decks/../users/x", .dotSegment), ("/decks/.", .dotSegment), ("/decks/x/..", .dotSegment),
      ("/decks/%2e%2e/users", .dotSegment), ("/decks/.%2E/x", .dotSegment), ("/../metrics", .dotSegment),
      ("/decks/%2e?x", .dotSegment), ("/decks/a/b/%2E%2e/%2e%2E", .dotSegment),
      ("/decks/a%2fb", .encodedSeparator), ("/decks/a%2Fb", .encodedSeparator), ("/decks/a%5cb", .encodedSeparator),
      ("/decks/%00", .encodedSeparator), ("/decks/%0d%0a", .encodedSeparator), ("/decks%2fx", .encodedSeparator),
      ("/decks/%7f", .encodedSeparator),
      ("/decks/%", .encoding), ("/decks/%2", .encoding), ("/decks/%zz", .encoding), ("/decks/%2?f", .encoding),
      ("/decks/a\\b", .character), ("/decks/a b", .character), ("/decks/a\tb", .character), ("/decks/a#b", .character),
      ("/decks/кот", .character), ("/decks/x?a b", .character), ("/decks/x?a#b", .character),
      ("/decks/\u{7f}", .character),
    ])
  func whatCanBeReadInTwoWaysIsRefused(_ text: String, _ expected: TargetProblem) {
    #expect(problem(text) == expected)
  }

  /// Whatever bytes come: no trap, and what is let through has nothing in it that was to be refused.
  @Test func anyPathEndsInAnAnswer() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "/", "//", ".", "..", "%2e", "%2f", "%", "decks", "users", "?", "x", "\\", "#", "%00", "é", "verify_user",
    ]
    for _ in 0..<20_000 {
      let text =
        "/" + (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
      guard case .upstream(_, let uri)? = try? RequestTarget(text).destination else { continue }
      let path = String(uri.prefix { $0 != "?" })
      #expect(!path.contains("//") && !path.contains("\\") && !path.lowercased().contains("%2f"), "\(text)")
      #expect(
        !path.split(separator: "/").map { $0.lowercased().replacing("%2e", with: ".") }.contains {
          $0 == "." || $0 == ".."
        })
      #expect(path != "/api/verify_user" && !path.hasPrefix("/api/verify_user/"))
    }
  }

  @Test func aLoggedPathHasNoAddressAndNoQuery() {
    #expect(RedactedPath.text("/users/users/email/a%40b.org?token=x") == "/users/users/email/•••")
    #expect(RedactedPath.text("/users/users/email/a@b.org/") == "/users/users/email/•••/")
    #expect(RedactedPath.text("/decks/decks/7?q=secret") == "/decks/decks/7")
  }
}
