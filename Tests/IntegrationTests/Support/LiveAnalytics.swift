import Analytics
import ClickHouse
import Foundation
import FoundationNetworking
import HTTPService
import JSON
import Logging
import Settings
import Testing

/// The analytics service, served on a free port for as long as `body` runs.
struct LiveAnalytics {
  static let key = "local-dashboard-key"
  let port: Int

  static func serve(_ bench: AnalyticsBench, _ body: @Sendable (LiveAnalytics) async throws -> Void) async throws {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let service = AnalyticsService(
      warehouse: bench.warehouse, probe: bench.warehouse, keys: try ServiceKeys(Settings(environment: [:])),
      deadline: .seconds(20))
    let role = HTTPRole(
      host: "127.0.0.1", port: 0, longestRequest: .seconds(20), logger: quiet, onRunning: { announce.yield($0) })
    try await withThrowingTaskGroup { group in
      group.addTask { try await service.serve(on: role, stopsOnSignals: false) }
      let port = try #require(await ports.first { _ in true })
      try await body(LiveAnalytics(port: port))
      group.cancelAll()
    }
  }

  struct Reply {
    let status: Int
    let headers: [String: String]
    let text: String

    var json: JSONValue? { try? JSONParser.parse(Array(text.utf8)) }
  }

  func request(
    _ path: String, body: String? = nil, headers: [String: String] = ["Authorization": "Bearer \(key)"],
    session: URLSession = .shared
  ) async throws -> Reply {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = body == nil ? "GET" : "POST"
    request.httpBody = body.map { Data($0.utf8) }
    request.cachePolicy = .reloadIgnoringLocalCacheData
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await session.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    let pairs = answer.allHeaderFields.compactMap { key, value in
      (key as? String).map { ($0.lowercased(), "\(value)") }
    }
    return Reply(
      status: answer.statusCode, headers: Dictionary(pairs) { $1 }, text: String(decoding: data, as: UTF8.self))
  }

  func query(_ body: String, headers: [String: String] = [:]) async throws -> Reply {
    try await request(
      "/api/v1/query", body: body,
      headers: headers.merging(["Authorization": "Bearer \(Self.key)"]) { given, _ in given })
  }
}
