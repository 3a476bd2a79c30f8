import CivilTime
import Decks
import Foundation
import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

/// What learners ask of the service, each request at a time of its own.
struct LearningClient: Sendable {
  let client: RouterClient<CallContext>
  let clock: RequestClock

  func ask(
    _ method: String, _ path: String, _ body: String? = nil, as learner: Int64? = 7, isManager: Bool = false,
    at moment: Instant = LearningBench.noon, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    var all = headers
    if let learner {
      all["X-Gateway-Auth"] = "local-gateway-secret"
      all["X-User-Id"] = "\(learner)"
      all["X-User-Ismanager"] = isManager ? "1" : "0"
    }
    all["X-Simulated-Time"] = clock.header(Int64(moment.milliseconds))
    return try await client.send(method, path, body, headers: all)
  }

  func start(
    _ deck: Int64, _ mode: StudyMode? = nil, as learner: Int64 = 7, at moment: Instant = LearningBench.noon
  ) async throws -> Int64 {
    let answer = try await ask(
      "POST", "/api/learn/deck/\(deck)/sessions", mode.map { "{\"mode\": \"\($0.rawValue)\"}" }, as: learner, at: moment
    )
    try #require([200, 201].contains(answer.status), "\(answer.text)")
    return try #require(answer.id("id"))
  }

  func answer(
    _ session: Int64, _ card: Int64, correct: Bool = true, rating: Int? = nil, seconds: String = "3",
    id: UUID = UUID(), as learner: Int64 = 7, at moment: Instant = LearningBench.noon
  ) async throws -> RouterAnswer {
    let rated = rating.map { ", \"rating\": \($0)" } ?? ""
    return try await ask(
      "POST", "/api/learn/sessions/\(session)/cards/\(card)/answer",
      "{\"answer_id\": \"\(id)\", \"correct\": \(correct), \"answer_time_seconds\": \(seconds)\(rated)}", as: learner,
      at: moment)
  }

  func next(_ session: Int64, as learner: Int64 = 7, at moment: Instant = LearningBench.noon) async throws
    -> RouterAnswer
  {
    try await ask("GET", "/api/learn/sessions/\(session)/next", as: learner, at: moment)
  }
}

extension RouterAnswer {
  /// The member at such a path; nil where there is none, or null.
  func value(_ path: [String]) -> JSONValue? {
    let found = path.reduce(json) { value, name in value?[name] }
    return found == .null ? nil : found
  }

  func text(_ path: String...) -> String? { value(path)?.string }

  func id(_ path: String...) -> Int64? {
    if case .number(let digits)? = value(path) { Int64(digits) } else { nil }
  }

  func flag(_ path: String...) -> Bool? {
    if case .bool(let flag)? = value(path) { flag } else { nil }
  }
}

extension Instant {
  func after(minutes: Double) -> Instant { adding(milliseconds: Int(minutes * 60_000)) }
  func after(days: Double) -> Instant { after(minutes: days * 1440) }
}
