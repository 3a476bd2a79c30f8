import HTTPService
import NIOCore
import NIOHTTP1

/// What the client is answered, by a service or by the gateway itself.
extension GatewayHandler {
  /// What is read of a refused request's body, so that the connection can go on being used.
  private static let discardLimit = 64 << 10

  // MARK: For the exchange

  var isStopping: Bool { isQuiescing || gateway.drain.hasBegun }
  var isWritable: Bool { context?.channel.isWritable ?? false }

  func answerBegan(_ request: ClientRequest, _ answer: HTTPResponseHead) {
    let hasLength = answer.headers.contains(name: "content-length")
    // The length of what a HEAD does not show can only be given, not framed; HTTP/1.0 knows no chunks.
    let isFramedByEnd = !hasLength && (request.head.method == .HEAD || request.head.version.minor == 0)
    if isFramedByEnd { closesAfterAnswer = true }
    var bytes = 0
    for (name, value) in answer.headers { bytes += name.utf8.count + value.utf8.count + 4 }
    begin(
      request, answer.status, minor: isFramedByEnd ? 0 : request.head.version.minor, hasLength: hasLength, upTo: bytes
    ) { writer in
      if answer.status.mayHaveResponseBody {
        AnswerHeaders.pass(answer.headers, to: &writer)
      } else {
        var headers = answer.headers
        headers.remove(name: "content-length")
        AnswerHeaders.pass(headers, to: &writer)
      }
      gateway.sign(&writer, request)
    }
  }

  func answerContinued(_ bytes: ByteBuffer) { answerBytes.add(bytes) { connection.send($0) } }

  func answerEnded() { end() }

  func flush() {
    answerBytes.flush { connection.send($0) }
    connection.flush()
  }

  /// Ends the connection in the middle of an answer.
  func cut() {
    turn = .closing
    flush()
    context?.close(promise: nil)
  }

  // MARK: The gateway's own

  /// Answers with a failure, unless an answer has begun.
  func refuse(_ request: ClientRequest, _ failure: RequestFailure, closes: Bool = false) {
    if case .forwarding = turn {
    } else {
      gateway.finished(request, status: Int(failure.status.code), upstream: nil, tries: 0, cause: nil)
    }
    closesAfterAnswer = closes
    answer(request, gateway.answer(failure, to: request))
  }

  func answer(_ request: ClientRequest, _ answer: GatewayCore.Answer) {
    // What is not read decides whether the connection can be used again.
    if !request.hasEnded {
      switch request.framing {
      case .none: break
      case .length(let bytes): if bytes > Self.discardLimit || request.isAwaitingContinue { closesAfterAnswer = true }
      case .chunked: closesAfterAnswer = true
      }
    }
    var headers = answer.headers
    if answer.status.mayHaveResponseBody {
      headers.add(name: "Content-Length", value: String(answer.body?.readableBytes ?? 0))
    }
    let bytes = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    begin(request, answer.status, minor: request.head.version.minor, hasLength: true, upTo: bytes) { writer in
      for (name, value) in headers { writer.add(name: name, value: value) }
    }
    if let body = answer.body, request.head.method != .HEAD { answerContinued(body) }
    end(discardsRest: !request.hasEnded)
  }

  // MARK: Its parts

  /// - Parameter bytes: that `fields` adds, the gateway's signature aside.
  private func begin(
    _ request: ClientRequest, _ status: HTTPResponseStatus, minor: Int, hasLength: Bool, upTo bytes: Int,
    _ fields: (inout HeadWriter) -> Void
  ) {
    self.status = Int(status.code)
    if case .forwarding = turn, !request.hasEnded { closesAfterAnswer = true }
    if !request.keepsAlive || isStopping { closesAfterAnswer = true }
    let isChunked = !hasLength && minor >= 1 && status.mayHaveResponseBody
    let reason = status.reasonPhrase
    let bound = bytes + reason.utf8.count + gateway.signatureBytes(request)
    let head = ByteBuffer.head(upTo: bound, spare: 2 << 10) { writer in
      writer.text(minor >= 1 ? "HTTP/1.1 " : "HTTP/1.0 ")
      writer.text(String(status.code))
      writer.text(" ")
      writer.text(reason)
      writer.text("\r\n")
      fields(&writer)
      if isChunked { writer.add(name: "Transfer-Encoding", value: "chunked") }
      if closesAfterAnswer { writer.add(name: "Connection", value: "close") }
      writer.text("\r\n")
    }
    answerBytes.begin(head, isChunked: isChunked)
  }

  private func end(discardsRest: Bool = false) {
    answerBytes.end()
    flush()
    connection.answerEnded(.now())
    if closesAfterAnswer { return linger() }
    guard discardsRest else { return becomeIdle() }
    turn = .discarding
    takeHeld()
  }

  func becomeIdle() {
    turn = .idle
    if isStopping { return linger() }
    takeHeld()
  }

  /// Says that no more will come, and waits a moment for the client to have read it: closed at once, what it still sends would
  /// reset the connection before it has.
  func linger() {
    turn = .closing
    held.removeAll()
    guard let context else { return }
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: gateway.times.linger) { self.context?.close(promise: nil) }
    bodyWanted()
  }
}
