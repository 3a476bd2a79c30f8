import Digests
import Loopback
import PlatformClient
import Testing

@Suite struct PatienceTests {
  private static let deck = #"{"id":4,"owner_id":1,"title":"t","description":"","cards_amount":0}"#

  private static func status(_ status: Int) -> ScriptedServer.Step {
    .answer("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")
  }

  static func tokens(expiresAt: Int64, person: String = "17") -> String {
    let claims = Base64URL.encoded(#"{"sub":"\#(person)","exp":\#(expiresAt)}"#.utf8)
    return #"{"access":"h.\#(claims).s","refresh":"r-\#(expiresAt)"}"#
  }

  @Test func aBusyPlatformIsAskedAgain() throws {
    let server = ScriptedServer([Self.status(503), Self.status(429), .close, .answer(ScriptedServer.ok("[]"))])
    defer { server.stop() }
    let caller = PatientCaller(PlatformConnection(server.url))
    #expect(try caller.send(.listDecks()).isEmpty)
    #expect(server.requests.count == 4)
  }

  /// A deck that may have been made is not made once more.
  @Test func whatCannotBeRepeatedIsNot() {
    for step in [Self.status(504), .close] {
      let server = ScriptedServer([step, .answer(ScriptedServer.ok(Self.deck))])
      defer { server.stop() }
      let caller = PatientCaller(PlatformConnection(server.url))
      #expect(throws: PlatformError.self) { try caller.send(.createDeck(NewDeck(title: "t"))) }
      #expect(server.requests.count == 1)
    }
  }

  @Test func patienceEnds() {
    let server = ScriptedServer(Array(repeating: Self.status(503), count: 50))
    defer { server.stop() }
    let caller = PatientCaller(PlatformConnection(server.url), patience: .milliseconds(300))
    #expect(throws: PlatformError.self) { try caller.send(.me) }
    #expect(server.requests.count < 6)
  }

  @Test func tokensAreRefreshedBeforeTheyEnd() throws {
    let server = ScriptedServer([
      .answer(ScriptedServer.ok(Self.tokens(expiresAt: 1_000))),
      .answer(ScriptedServer.ok(Self.tokens(expiresAt: 99_999_999_999))),
      .answer(ScriptedServer.ok("[]")), .answer(ScriptedServer.ok("[]")),
    ])
    defer { server.stop() }
    let connection = PlatformConnection(server.url)
    var person = SignedInPerson(try connection.send(.login(email: "a@b.example", password: "p")))
    #expect(person.id == 17 && person.tokens.isStale(at: 940) && !person.tokens.isStale(at: 939))
    #expect(!"\(person.tokens)".contains("r-1000") && !"\(person)".contains("r-1000"))
    _ = try person.send(.listDecks(), over: connection)
    _ = try person.send(.listDecks(), over: connection)
    let requests = server.requests
    #expect(requests.count == 4 && requests[1].hasPrefix("POST /auth/refresh ") && requests[1].contains("r-1000"))
    #expect(requests[2].contains("Authorization: Bearer h.") && requests[3].hasPrefix("GET /decks/decks/"))
  }

  @Test(arguments: [
    #"{"access":"a.b","refresh":"r"}"#, #"{"access":"a.!!.c","refresh":"r"}"#, #"{"access":"a..c","refresh":"r"}"#,
    #"{"refresh":"r"}"#, Self.tokens(expiresAt: 1, person: "0"), Self.tokens(expiresAt: 1, person: "me"),
  ])
  func whatAreNoTokensIsRefused(body: String) {
    let server = ScriptedServer([.answer(ScriptedServer.ok(body))])
    defer { server.stop() }
    let connection = PlatformConnection(server.url)
    #expect(throws: PlatformError.self) { try connection.send(.login(email: "a", password: "b")) }
  }
}
