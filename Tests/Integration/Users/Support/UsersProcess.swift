import Foundation
import FoundationNetworking
import RealServers
import Testing

/// `kartoteka users` as a process, on a free port, or another service that was started.
final class UsersProcess: Sendable {
  let program: Kartoteka
  let url: String

  init(_ program: Kartoteka, url: String) {
    self.program = program
    self.url = url
  }

  /// - Parameter database: its URL.
  convenience init(database: String, environment: [String: String] = [:]) throws {
    let program = try Kartoteka(
      ["users", "--port", "0"],
      environment: ["USERS_DATABASE_URL": database, "LOG_FORMAT": "json", "DRAIN_SECONDS": "0"]
        .merging(environment) { $1 })
    guard eventually(within: 30, { program.errors.contains("\"url\"") || !program.isRunning }),
      let found = program.errors.firstMatch(of: #/"url":"(http[^"]+)\/"/#)?.1
    else { throw Failure("kartoteka users does not listen: \(program.errors)") }
    self.init(program, url: String(found))
  }

  func ask(
    _ method: String, _ path: String, _ body: String? = nil, as caller: Asking
  ) async throws -> (status: Int, text: String) {
    var request = URLRequest(url: try #require(URL(string: url + path)))
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    request.timeoutInterval = 20
    if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
    for (name, value) in caller.headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
  }
}
