import HTTPService
import NIOCore
import NIOHTTP1

/// One request on its way through a service and back: connections, tries, time limits, the answer. Used on one event loop only.
final class Exchange {
  private enum Phase {
    /// For a connection.
    case waiting(since: NIODeadline)
    /// Before the next try.
    case pausing(until: NIODeadline)
    /// The request is being sent, or has been, and there is no answer yet.
    case asked(since: NIODeadline)
    case answering
    case done
  }

  /// Before another connection is tried for, where none came about.
  private static let connectPause = TimeAmount.milliseconds(100)

  let request: ClientRequest
  private let head: ByteBuffer
  private let upstream: Upstream
  private let pool: UpstreamPool
  private let loop: ForwardingLoop
  private let times: GatewayTimes
  /// Its turn ends when the exchange does.
  private let client: GatewayHandler
  private let deadline: NIODeadline

  private var phase: Phase
  private var connection: UpstreamConnection?
  /// Parts of the body that came before there was a connection: no more than were read together with the head.
  private var earlyBody: [ByteBuffer] = []
  private var hasSentBody = false
  /// While its head is being taken: what else was read with it comes at once.
  private var isStarting = false
  private var isProbe = false
  private var wasReused = false
  private var isEventStream = false
  private var lastProgress: NIODeadline
  private(set) var tries = 0
  private var retries = 0
  private var hasRetried = false
  private var hasReplacedStaleConnection = false
  private(set) var cause: UpstreamFailure?
  /// Where it stands in its loop's list.
  var place = 0

  /// - Parameter head: as the service gets it.
  init(
    _ request: ClientRequest, _ head: ByteBuffer, _ upstream: Upstream, _ loop: ForwardingLoop,
    _ times: GatewayTimes, client: GatewayHandler
  ) {
    self.request = request
    self.head = head
    self.upstream = upstream
    self.loop = loop
    self.times = times
    self.client = client
    pool = loop.pool(upstream)
    deadline = request.arrival + times.total
    phase = .waiting(since: request.arrival)
    lastProgress = request.arrival
  }

  // MARK: For the client's connection

  func start() {
    loop.add(self)
    isStarting = true
    attempt(upstream.began(request.arrival), isFresh: false, request.arrival)
    isStarting = false
  }

  /// Whether more of the body can be taken.
  var acceptsBody: Bool { connection?.isWritable ?? false }

  func bodyContinued(_ bytes: ByteBuffer) {
    if let connection {
      hasSentBody = true
      connection.write(bytes)
    } else {
      earlyBody.append(bytes)
    }
  }

  func bodyEnded() {
    guard let connection else { return }
    connection.writeEnd()
    // Without a body it was all sent with its head.
    if request.framing == .none { return }
    if case .asked = phase { phase = .asked(since: .now()) }
    connection.flush()
  }

  func flushBody() { connection?.flush() }

  /// The service takes more of the body again.
  func mayContinueBody() { client.bodyWanted() }

  /// The client takes the answer again.
  func clientWritable() {
    lastProgress = .now()
    connection?.resumeReading()
  }

  /// Nobody waits for the answer any more.
  func clientLeft() {
    abandon()
    finish(status: 499)
  }

  /// The client's request turned out to be none.
  func requestBroke() {
    abandon()
    finish(status: 400)
  }

  /// A stream ends with the process; the client comes back to another one.
  func endIfStream() {
    guard isEventStream, case .answering = phase else { return }
    abandon()
    client.answerEnded()
    finish(status: client.status)
  }

  var hasAnswerBegun: Bool { if case .answering = phase { true } else { false } }

  private func abandon() {
    pool.forget(self)
    upstream.abandoned(isProbe: isProbe)
    isProbe = false
    connection?.close()
    connection = nil
  }

  private func finish(status: Int) {
    phase = .done
    loop.remove(self)
    client.gateway.finished(
      request, status: status, upstream: upstream, tries: tries, retries: retries, cause: cause)
  }

  // MARK: Tries

  private func tryOnce(isFresh: Bool) {
    let now = NIODeadline.now()
    attempt(upstream.admit(now), isFresh: isFresh, now)
  }

  private func attempt(_ admission: CircuitBreaker.Admission, isFresh: Bool, _ now: NIODeadline) {
    switch admission {
    case .refused(let retryAfterNs):
      return fail(.breaker, retryAfterSeconds: (retryAfterNs + 999_999_999) / 1_000_000_000)
    case .admitted: isProbe = false
    case .probe: isProbe = true
    }
    tries += 1
    phase = .waiting(since: now)
    pool.acquire(for: self, isFresh: isFresh)
  }

  func got(_ connection: UpstreamConnection) {
    self.connection = connection
    wasReused = connection.uses > 0
    phase = .asked(since: isStarting ? request.arrival : .now())
    connection.begin(self, head)
    for bytes in earlyBody {
      hasSentBody = true
      connection.write(bytes)
    }
    earlyBody = []
    if request.hasEnded { connection.writeEnd() }
    // A body that is read with its head is sent with it.
    if !isStarting || request.framing == .none { connection.flush() }
    client.bodyWanted()
  }

  func gotNoConnection(_ cause: UpstreamFailure) { tryFailed(cause, isFault: cause == .connect) }

  /// The connection is lost.
  func broke(_ connection: UpstreamConnection) {
    self.connection = nil
    if hasAnswerBegun { return cut(.reset) }
    // One that was kept open is closed by its service now and then, which is no fault of it.
    tryFailed(.reset, isFault: !wasReused)
  }

  private func tryFailed(_ cause: UpstreamFailure, isFault: Bool) {
    upstream.failed(cause, isFault: isFault, isProbe: isProbe)
    isProbe = false
    guard mayRetry(cause) else { return fail(cause, isCounted: true) }
    retries += 1
    if cause == .connect {
      phase = .pausing(until: .now() + Self.connectPause)
    } else {
      tryOnce(isFresh: true)
    }
  }

  /// What was never answered may be asked once more, if that does no harm; and once more than that where the connection had been
  /// kept from before.
  private func mayRetry(_ cause: UpstreamFailure) -> Bool {
    guard request.isIdempotent, !hasSentBody, cause != .saturated, NIODeadline.now() < deadline else { return false }
    if cause == .reset, wasReused, !hasReplacedStaleConnection {
      hasReplacedStaleConnection = true
    } else if !hasRetried {
      hasRetried = true
    } else {
      return false
    }
    return upstream.takeRetry()
  }

  /// - Parameter isCounted: whether the metrics have it already.
  private func fail(_ cause: UpstreamFailure, retryAfterSeconds: Int64 = 1, isCounted: Bool = false) {
    if !isCounted { upstream.failed(cause, isFault: false, isProbe: false) }
    self.cause = cause
    let failure = cause.failure(upstream.name, retryAfterSeconds: retryAfterSeconds)
    let status = Int(failure.status.code)
    finish(status: status)
    client.refuse(request, failure)
  }

  // MARK: The answer

  /// Whether the client is behind, so that nothing more should be read for it.
  var holdsAnswer: Bool { !client.isWritable }

  func answerBegan(_ answer: HTTPResponseHead) {
    let now = NIODeadline.now()
    upstream.answered(isProbe: isProbe, now)
    isProbe = false
    phase = .answering
    lastProgress = now
    isEventStream = AnswerHeaders.isEventStream(answer.headers)
    client.answerBegan(request, answer)
    if client.isStopping { endIfStream() }
  }

  func answerContinued(_ bytes: ByteBuffer) { client.answerContinued(bytes) }

  /// All that has come for now has been handed on.
  func flushAnswer() {
    lastProgress = .now()
    client.flush()
  }

  func answerEnded() {
    connection = nil
    finish(status: client.status)
    client.answerEnded()
  }

  /// The answer has begun and cannot be completed: the client sees it by the end of its connection.
  private func cut(_ cause: UpstreamFailure) {
    upstream.failed(cause, isFault: true, isProbe: false)
    self.cause = cause
    connection?.close()
    connection = nil
    finish(status: client.status)
    client.cut()
  }

  // MARK: Time

  func tick(_ now: NIODeadline) {
    switch phase {
    case .done: break
    case .pausing(let until): if now >= until { tryOnce(isFresh: false) }
    case .waiting(let since):
      if now >= since + times.pending || now >= deadline {
        pool.forget(self)
        upstream.failed(.saturated, isFault: false, isProbe: isProbe)
        isProbe = false
        fail(.saturated, isCounted: true)
      }
    case .asked(let since):
      if !request.hasEnded {
        if now >= deadline || isTooSlow(now) { clientWasTooSlow() }
      } else if now >= deadline || now >= since + times.perTry {
        connection?.close()
        connection = nil
        tryFailed(.timeoutHead, isFault: true)
      }
    case .answering:
      let limit = isEventStream ? times.streamIdle : times.bodyIdle
      if client.isWritable, now >= lastProgress + limit { cut(.timeoutIdle) }
    }
  }

  private func isTooSlow(_ now: NIODeadline) -> Bool {
    let elapsed = now - request.arrival
    guard acceptsBody, elapsed > times.bodyGrace else { return false }
    return Int64(request.bodyBytes) * 1_000_000_000 < elapsed.nanoseconds * Int64(times.bodyBytesPerSecond)
  }

  private func clientWasTooSlow() {
    abandon()
    finish(status: 408)
    client.refuse(
      request,
      RequestFailure(.requestTimeout, code: "BODY_TOO_SLOW", message: "The request's body came too slowly."),
      closes: true)
  }
}
