import Blocking

/// The thread of a ``RedisSubscription``: connects, subscribes, listens, asks whether the server is there; again and again.
final class RedisFeed {
  private let configuration: RedisConfiguration
  private let channels: [String]
  private let heartbeat: Duration
  private let cancellation: CancellationFlag
  private let handler: (RedisFeedEvent) -> Void
  private let connector: RedisConnector

  init(
    _ configuration: RedisConfiguration, _ channels: [String], _ heartbeat: Duration, _ cancellation: CancellationFlag,
    _ handler: @escaping (RedisFeedEvent) -> Void
  ) {
    self.configuration = configuration
    self.channels = channels
    self.heartbeat = heartbeat
    self.cancellation = cancellation
    self.handler = handler
    connector = RedisConnector(configuration)
  }

  /// Returns once the flag is raised.
  func run(_ retry: RetryPolicy) {
    var failures = 0
    while !cancellation.isRaised {
      do throws(RedisError) {
        let (stream, early) = try subscribe()
        failures = 0
        handler(.subscribed)
        for event in early { handler(event) }
        try listen(stream)
      } catch {
        guard error != .cancelled else { return }
        failures += 1
        handler(.lost(error))
        pause(retry.delay(afterFailures: failures))
      }
    }
  }

  private func limit(_ duration: Duration) -> WaitLimit {
    WaitLimit(deadline: .now + duration, cancellation: cancellation)
  }

  /// - Returns: also the messages that came before the last channel was confirmed.
  private func subscribe() throws(RedisError) -> (RedisStream, [RedisFeedEvent]) {
    let limit = limit(configuration.connectTimeout + configuration.commandTimeout)
    let stream = try connector.connect(limit)
    var refusal: RedisServerError?
    var early: [RedisFeedEvent] = []
    do throws(StreamFailure) {
      try stream.send([RedisCommand(unchecked: "SUBSCRIBE", channels)], limit)
      var confirmed = 0
      while confirmed < channels.count, refusal == nil {
        switch try Self.meaning(of: stream.nextReply(limit)) {
        case .confirmation: confirmed += 1
        case .message(let event): early.append(event)
        case .refusal(let error): refusal = error
        case .pong: throw .protocolViolation("an answer to nothing")
        }
      }
    } catch {
      throw RedisError(error, sent: true)
    }
    if let refusal { throw .server(refusal) }
    return (stream, early)
  }

  /// Never returns but by throwing.
  private func listen(_ stream: RedisStream) throws(RedisError) -> Never {
    var nextQuestion = ContinuousClock.now
    var answerBy: ContinuousClock.Instant?
    while true {
      do throws(StreamFailure) {
        if answerBy == nil, nextQuestion <= .now {
          try stream.send([RedisCommand("PING")], limit(configuration.commandTimeout))
          answerBy = .now + configuration.commandTimeout
        }
        let reply = try stream.nextReply(
          WaitLimit(deadline: answerBy ?? nextQuestion, cancellation: cancellation))
        stream.beginExchange()
        switch try Self.meaning(of: reply) {
        case .message(let event): handler(event)
        case .pong where answerBy != nil:
          answerBy = nil
          nextQuestion = .now + heartbeat
          handler(.alive)
        case .pong, .confirmation: throw .protocolViolation("an answer to nothing")
        case .refusal: throw .protocolViolation("an error where a message was expected")
        }
      } catch .deadlineExceeded where answerBy == nil {
        continue  // Time for the next question.
      } catch {
        throw RedisError(error, sent: true)
      }
    }
  }

  private func pause(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    while !cancellation.isRaised, .now < end { BlockingThread.sleep(min(end - .now, .milliseconds(50))) }
  }

  private enum Meaning {
    case confirmation
    case message(RedisFeedEvent)
    case pong
    case refusal(RedisServerError)
  }

  private static func meaning(of reply: RedisValue) throws(StreamFailure) -> Meaning {
    switch reply {
    case .error(let error): return .refusal(error)
    case .array(let parts):
      switch parts.first?.text {
      case "message":
        if parts.count == 3, let channel = parts[1].text, let payload = parts[2].bytes {
          return .message(.message(channel: channel, payload: payload))
        }
      case "subscribe" where parts.count == 3: return .confirmation
      case "pong": return .pong
      default: break
      }
    case .null, .integer, .bulk, .status: break
    }
    throw .protocolViolation("a message of an unknown form")
  }
}
