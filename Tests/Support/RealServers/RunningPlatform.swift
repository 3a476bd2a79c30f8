import Foundation
import FoundationNetworking
import JSON
import Testing

/// Roles of the platform as processes, on ports of their own and on servers that are there.
package final class RunningPlatform {
  package enum Role: String, CaseIterable, Sendable { case collector, users, decks, teaching, auth, analytics, gateway }

  package struct Answer: Sendable {
    package let status: Int
    package let text: String
    package let requestID: String

    /// A member of its JSON, as written; the path to it leads through objects.
    package func member(_ path: String...) throws -> String {
      var value = try JSONParser.parse(Array(text.utf8))
      for name in path { value = try #require(value[name], "no \(name) in \(status) \(text)") }
      switch value {
      case .string(let text), .number(let text): return text
      default: throw Failure("\(path) is \(value.kind)")
      }
    }
  }

  /// What leads a program to it.
  package let environment: [String: String]
  package let ports: [Role: Int]
  private let keys = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).pem")
  private let ground: [AnyObject]
  private var processes: [Role: Kartoteka] = [:]

  /// Migrates what these roles need, starts them together, and waits until each is ready.
  /// - Parameters:
  ///   - settings: lie over the test's own environment.
  ///   - ground: what they stand on, held for as long as they run.
  package init(_ roles: [Role], _ settings: [String: String], on ground: [AnyObject] = []) async throws {
    self.ground = ground
    ports = Dictionary(uniqueKeysWithValues: zip(roles, try FreePorts.take(roles.count)))
    var environment = settings.merging(["AUTH_KEYS_FILE": keys.path]) { $1 }
    for (role, port) in ports {
      environment["\(role.rawValue.uppercased())_PORT"] = "\(port)"
      environment["\(role.rawValue.uppercased())_URL"] = "http://127.0.0.1:\(port)"
    }
    self.environment = environment
    var preparations = roles.contains(.collector) ? [["migrate", "up"], ["topics", "apply"]] : []
    preparations += roles.filter { [.users, .decks, .teaching].contains($0) }.map { [$0.rawValue, "migrate"] }
    for arguments in preparations {
      let ended = try kartoteka(arguments)
      guard ended.status == 0 else { throw Failure("\(arguments): \(ended.errors) \(ended.output)") }
    }
    for role in roles { processes[role] = try Kartoteka([role.rawValue], environment: environment) }
    for role in roles { try await awaitReady(role) }
  }

  deinit { try? FileManager.default.removeItem(at: keys) }

  /// Stops all of them, each after those that ask it.
  package func end() { for role in Role.allCases.reversed() { stop(role) } }

  package func stop(_ role: Role) {
    processes[role]?.signal(SIGTERM)
    if processes[role]?.wait(seconds: 20) == nil { processes[role]?.signal(SIGKILL) }
    processes[role] = nil
  }

  package func process(_ role: Role) throws -> Kartoteka { try #require(processes[role]) }

  /// The lines of a role's log that have a text.
  package func log(_ role: Role, with text: String) throws -> [Substring] {
    try process(role).errors.split(separator: "\n").filter { $0.contains(text) }
  }

  /// Runs a command to its end.
  package func kartoteka(
    _ arguments: [String], _ more: [String: String] = [:], input: String? = nil
  ) throws -> Kartoteka.Ended {
    try Kartoteka.run(arguments, environment: environment.merging(more) { $1 }, input: input)
  }

  package func ask(
    _ role: Role, _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    let port = try #require(ports[role])
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    request.timeoutInterval = 30
    if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return Answer(
      status: answer.statusCode, text: String(decoding: data, as: UTF8.self),
      requestID: answer.value(forHTTPHeaderField: "X-Request-Id") ?? "")
  }

  private func awaitReady(_ role: Role) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end, processes[role]?.isRunning == true {
      if (try? await ask(role, "GET", "/health/ready"))?.status == 200 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure("\(role) is not ready: \(processes[role]?.errors ?? "")")
  }
}
