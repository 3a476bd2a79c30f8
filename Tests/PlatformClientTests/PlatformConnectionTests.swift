import Loopback
import PlatformClient
import Testing

@Suite struct PlatformConnectionTests {
  /// Sends one call to a server that answers so.
  private func send<Answer>(
    _ call: PlatformCall<Answer>, _ steps: [ScriptedServer.Step], token: String? = nil, time: String? = nil
  ) -> (Result<Answer, PlatformError>, request: String) {
    let server = ScriptedServer(steps)
    defer { server.stop() }
    let connection = PlatformConnection(server.url, timeoutMs: 500)
    let result = Result { () throws(PlatformError) in try connection.send(call, token: token, time: time) }
    return (result, server.requests.first ?? "")
  }

  private func error<Answer>(_ call: PlatformCall<Answer>, _ step: ScriptedServer.Step) -> PlatformError? {
    if case .failure(let error) = send(call, [step]).0 { error } else { nil }
  }

  @Test func aCallSaysWhoWhenAndUnderWhichKey() throws {
    let answers = [(card: Int64(7), given: CardAnswer(isCorrect: true, rating: 3, seconds: 1.25))]
    let (result, request) = send(
      .recordTest(answers, of: 3, key: "k-1"), [.answer(ScriptedServer.ok(#"{"id":5,"more":[]}"#))], token: "a.b.c",
      time: "12;ff")
    #expect(try result.get().id == 5)
    for line in [
      "POST /decks/deck/3/results HTTP/1.1", "Authorization: Bearer a.b.c", "X-Simulated-Time: 12;ff",
      "Idempotency-Key: k-1", "Content-Type: application/json",
      #"{"total_time_seconds":1.25,"card_results":[{"card_id":7,"correct":true,"answer_time_seconds":1.25}]}"#,
    ] { #expect(request.contains(line), "\(line)") }
  }

  @Test func cardsAreAddedWhateverTheDecksVersion() {
    let (_, request) = send(
      .addCards([NewCard(front: "a", back: "b", frontImage: "temp/1", order: 0)], to: 9),
      [.answer(ScriptedServer.ok(#"{"cards":[]}"#))])
    #expect(request.hasPrefix("PATCH /decks/deck/decks/9/cards ") && request.contains("If-Match: *\r\n"))
    #expect(request.contains(#""front_image_url":"temp/1""#))
  }

  @Test func aCallWithoutABodySaysNothingOfOne() {
    let (_, request) = send(
      .startSession(deck: 5, asksAll: true), [.answer(ScriptedServer.ok(#"{"id":1,"deck_id":5,"status":"active"}"#))])
    #expect(request.hasPrefix("POST /decks/learn/deck/5/sessions?mode=all HTTP/1.1\r\n"))
    #expect(request.contains("Content-Length: 0\r\n") && !request.contains("Content-Type"))
  }

  @Test func aRefusalIsReadWithItsReason() {
    let body = #"{"error":{"code":"EMAIL_TAKEN","message":"No.","details":[{"path":"email","message":"is taken"}]}}"#
    let answer = "HTTP/1.1 409 C\r\nContent-Length: \(body.utf8.count)\r\nRetry-After: 3\r\n\r\n\(body)"
    let expected = PlatformError.refused(
      status: 409, code: "EMAIL_TAKEN", message: "No. email is taken", retryAfterSeconds: 3)
    #expect(error(.me, .answer(answer)) == expected)
    #expect(!expected.leavesOutcomeUnknown && expected.name == "409 EMAIL_TAKEN")
    // Of a proxy that knows nothing of our bodies.
    let foreign = error(.me, .answer("HTTP/1.1 502 B\r\nContent-Length: 4\r\n\r\n<hr>"))
    #expect(foreign?.status == 502 && foreign?.leavesOutcomeUnknown == true && foreign?.name == "502")
  }

  @Test func whatWasNotHeardIsToldApart() {
    #expect(error(.nextCard(session: 1), .hang)?.name == "interrupted")
    #expect(error(.finishSession(1), .close)?.leavesOutcomeUnknown == true)
    let nobody = PlatformConnection("http://127.0.0.1:1", timeoutMs: 1_000)
    let failure = Result { () throws(PlatformError) in try nobody.send(.me) }
    guard case .failure(.connection) = failure else {
      Issue.record("\(failure)")
      return
    }
  }

  @Test(arguments: [
    "", "{", "[]", "null", "7", #"{"id":0,"is_manager":true}"#, #"{"id":"4","is_manager":true}"#,
    #"{"id":4,"is_manager":1}"#, #"{"id":4.5,"is_manager":true}"#, #"{"id":99999999999999999999,"is_manager":true}"#,
    #"{"id":4}"#, #"{"id":4,"id":5,"is_manager":true}"#, #"{"id":4,"is_manager":true} x"#, "\u{FEFF}{}",
  ])
  func whatIsNoAnswerIsRefused(body: String) {
    #expect(error(.me, .answer(ScriptedServer.ok(body)))?.name == "malformed", "\(body)")
  }

  @Test func anAnswerWithoutAnEndIsNone() {
    #expect(error(.me, .answerAndClose("HTTP/1.1 200 OK\r\n\r\n{\"id\":1,\"is_manager\":true}"))?.name == "malformed")
    #expect(error(.me, .answerAndClose("HTTP/1.1 200 OK\r\nContent-Le"))?.name == "interrupted")
    #expect(
      error(.me, .answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"id\":1"))?.name == "interrupted")
  }

  @Test func aPictureGoesWhereItWasTold() throws {
    let server = ScriptedServer([.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    defer { server.stop() }
    let presign = ScriptedServer([
      .answer(
        ScriptedServer.ok(
          #"{"put_url":"\#(server.url)/cards/x?sig=1","object_key":"temp/x","headers":{"content-type":"image/png"}}"#))
    ])
    defer { presign.stop() }
    let connection = PlatformConnection(presign.url)
    let upload = try connection.send(.presignPNG("a.png", size: 3), token: "t")
    #expect(upload.objectKey == "temp/x")
    try connection.put([1, 2, 3], to: upload)
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("PUT /cards/x?sig=1 HTTP/1.1\r\n") && request.contains("content-type: image/png\r\n"))
    #expect(!request.contains("Authorization"), "the store is not told who one is")
  }
}
