import Gateway
import HTTPService
import NIOHTTP1
import Testing

/// What a service gets of a request's headers, and what it never gets.
@Suite struct HeaderTests {
  private func forwarded(
    _ original: [(String, String)], caller: ForwardedRequest.VerifiedCaller? = nil, framing: BodyFraming = .none,
    isBodyExpected: Bool = false, isPeerTrusted: Bool = false
  ) -> [String: [String]] {
    let headers = HTTPHeaders(original)
    var made = HTTPHeaders()
    ForwardedRequest(upstreamHost: "decks:8001", gatewaySecret: "the-gateway's-own").write(
      headers, ConnectionOptions(headers), framing, isBodyExpected: isBodyExpected,
      .init(
        caller: caller, requestID: "id", deadlineMs: 1234, traceParent: "00-trace", peer: "198.51.100.7",
        isPeerTrusted: isPeerTrusted), to: &made)
    return made.reduce(into: [:]) { $0[$1.name.lowercased(), default: []].append($1.value) }
  }

  @Test(
    arguments: [
      "X-User-Id", "x-user-id", "X-USER-ID", "X_User_Id", "x_user-id", "X-User_Id", "X-User-Ismanager",
      "x_user_ismanager",
      "X-User-Anything", "X_USER_", "X-Gateway-Auth", "x_gateway_auth", "X-GATEWAY_AUTH", "X-Service-Auth",
      "X_Service-Auth", "X-Request-Deadline", "x_request_deadline",
    ])
  func whatOnlyThePlatformMaySayIsNotPassedOn(_ name: String) {
    let made = forwarded([(name, "forged"), ("Accept", "*/*")])
    #expect(!made.values.joined().contains("forged"))
    #expect(made["accept"] == ["*/*"])
  }

  @Test func whoAsksIsSaidByTheGatewayOnly() {
    let anonymous = forwarded([("X-User-Id", "1"), ("X-Gateway-Auth", "x")])
    #expect(anonymous["x-user-id"] == nil && anonymous["x-user-ismanager"] == nil)
    #expect(anonymous["x-gateway-auth"] == ["the-gateway's-own"])
    let person = forwarded([("X-User-Id", "1")], caller: .init(id: 7, isManager: false))
    #expect(person["x-user-id"] == ["7"] && person["x-user-ismanager"] == ["0"])
    let manager = forwarded([], caller: .init(id: 8, isManager: true))
    #expect(manager["x-user-id"] == ["8"] && manager["x-user-ismanager"] == ["1"])
    #expect(manager["x-request-id"] == ["id"] && manager["x-request-deadline"] == ["1234"])
    #expect(manager["traceparent"] == ["00-trace"] && manager["host"] == ["decks:8001"])
  }

  @Test func whatIsForTheNextHopStaysHere() {
    let made = forwarded([
      ("Connection", "keep-alive, X-Named , Cookie"), ("connection", "other"), ("X-Named", "1"), ("x-named", "2"),
      ("Cookie", "a=b"), ("Other", "3"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"), ("Trailer", "X"),
      ("Transfer-Encoding", "chunked"), ("Upgrade", "websocket"), ("Proxy-Connection", "x"),
      ("Proxy-Authorization", "x"),
      ("Proxy_Authorization", "x"), ("HTTP2-Settings", "x"), ("Expect", "100-continue"), ("Forwarded", "for=x"),
      ("X-Simulated-Time", "1;2"), ("Authorization", "Bearer t"),
    ])
    let kept: Set<String> = [
      "host", "x-forwarded-for", "x-forwarded-proto", "x-gateway-auth", "x-request-id", "x-request-deadline",
      "traceparent",
      "x-simulated-time", "authorization",
    ]
    #expect(Set(made.keys) == kept)
  }

  /// First what is for the next hop is dropped, then the gateway speaks: no `Connection` reaches what it says.
  @Test func namingTheGatewaysOwnHeadersDropsNothing() {
    let made = forwarded(
      [
        (
          "Connection",
          "close, X-User-Id, X-Gateway-Auth, Host, Content-Length, X-Request-Id, traceparent, X-Forwarded-For"
        )
      ],
      caller: .init(id: 7, isManager: false), framing: .length(3))
    #expect(made["x-user-id"] == ["7"] && made["x-gateway-auth"]?.count == 1 && made["host"] == ["decks:8001"])
    #expect(
      made["content-length"] == ["3"] && made["x-request-id"] == ["id"] && made["x-forwarded-for"] == ["198.51.100.7"])
  }

  @Test func theLengthIsSaidOnceAndInOneWay() {
    #expect(forwarded([("Content-Length", "5")], framing: .length(5))["content-length"] == ["5"])
    let chunked = forwarded([("Transfer-Encoding", "chunked")], framing: .chunked)
    #expect(chunked["transfer-encoding"] == ["chunked"] && chunked["content-length"] == nil)
    #expect(forwarded([], isBodyExpected: true)["content-length"] == ["0"])
    #expect(forwarded([])["content-length"] == nil)
  }

  @Test(
    arguments: [
      [("Content-Length", "5"), ("Content-Length", "5")], [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
      [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], [("Transfer-Encoding", "gzip, chunked")],
      [("Transfer-Encoding", "identity")], [("Transfer-Encoding", "xchunked")], [("Transfer-Encoding", "chunked ")],
      [("Content-Length", "+5")], [("Content-Length", "-1")], [("Content-Length", "5, 5")], [("Content-Length", "0x5")],
      [("Content-Length", "")], [("Content-Length", "1234567890123456")],
    ])
  func anAmbiguousLengthIsRefused(_ fields: [(String, String)]) {
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: HTTPHeaders(fields))
    #expect(throws: RequestFailure.self) { _ = try BodyFraming(head) }
  }

  @Test func chunksAreForHTTP11() throws {
    let fields: HTTPHeaders = ["Transfer-Encoding": "Chunked"]
    #expect(try BodyFraming(.init(version: .http1_1, method: .POST, uri: "/", headers: fields)) == .chunked)
    #expect(throws: RequestFailure.self) {
      _ = try BodyFraming(.init(version: .http1_0, method: .POST, uri: "/", headers: fields))
    }
  }

  @Test func ofForwardedClientsOnlyATrustedPeerSpeaks() {
    let said = [
      ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "cards.example"),
      ("Host", "inner"), ("X_Forwarded_For", "192.0.2.1"),
    ]
    let stranger = forwarded(said)
    #expect(stranger["x-forwarded-for"] == ["198.51.100.7"] && stranger["x-forwarded-proto"] == ["http"])
    #expect(stranger["x-forwarded-host"] == ["inner"] && stranger["x_forwarded_for"] == nil)
    let proxy = forwarded(said, isPeerTrusted: true)
    #expect(proxy["x-forwarded-for"] == ["203.0.113.9, 192.0.2.1, 198.51.100.7"])
    #expect(proxy["x-forwarded-proto"] == ["https"] && proxy["x-forwarded-host"] == ["cards.example"])
  }

  @Test func answersLoseWhatWasForThisHop() {
    let answer: HTTPHeaders = [
      "Content-Type": "text/event-stream; charset=utf-8", "Connection": "keep-alive, X-Inner", "X-Inner": "1",
      "Keep-Alive": "timeout=75", "Transfer-Encoding": "chunked", "X-Request-Id": "other", "ETag": "\"x\"",
      "Access-Control-Allow-Origin": "*", "Content-Length": "7",
    ]
    var made = HTTPHeaders()
    AnswerHeaders.pass(answer, to: &made)
    #expect(Set(made.map(\.name)) == ["Content-Type", "ETag", "Content-Length"])
    #expect(AnswerHeaders.isEventStream(answer))
    #expect(!AnswerHeaders.isEventStream(["Content-Type": "text/event-streams"]))
    #expect(!AnswerHeaders.isEventStream([:]))
  }
}
