import Foundation
import RealServers

/// Every service behind the gateway and the collector as processes, on servers of a test's own.
final class WholePlatform {
  private static let servers = ["clickhouse", "kafka", "s3", "redis", "postgres-users", "postgres-decks"]
  private static let roles = ["collector", "users", "decks", "auth", "gateway"]

  let environment: [String: String]
  private let keys: URL
  private var running: [String: Kartoteka] = [:]

  /// For as long as `body` runs.
  static func run(_ body: (WholePlatform) async throws -> Void) async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(servers)
    let platform = WholePlatform(try profile.environment())
    defer { platform.end() }
    try await platform.begin()
    try await body(platform)
  }

  private init(_ servers: [String: String]) {
    keys = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).pem")
    let ours = [
      "AUTH_KEYS_FILE": keys.path, "LOG_LEVEL": "warning", "COLLECTOR_FLUSH_INTERVAL": "200ms",
      "GATEWAY_URL": "http://127.0.0.1:\(servers["GATEWAY_PORT"] ?? "")",
    ]
    environment = servers.merging(ours) { $1 }
  }

  private func begin() async throws {
    for arguments in [["migrate", "up"], ["users", "migrate"], ["decks", "migrate"], ["topics", "apply"]] {
      let ended = try kartoteka(arguments)
      guard ended.status == 0 else { throw Failure("\(arguments): \(ended.errors) \(ended.output)") }
    }
    for role in Self.roles { running[role] = try Kartoteka([role], environment: environment) }
    for role in Self.roles { try await awaitReady(role) }
  }

  private func end() {
    for role in Self.roles.reversed() { stop(role) }
    try? FileManager.default.removeItem(at: keys)
  }

  func stop(_ role: String) {
    running[role]?.signal(SIGTERM)
    if running[role]?.wait(seconds: 20) == nil { running[role]?.signal(SIGKILL) }
    running[role] = nil
  }

  /// Runs a command to its end.
  func kartoteka(
    _ arguments: [String], _ more: [String: String] = [:], input: String? = nil
  ) throws -> Kartoteka.Ended {
    try Kartoteka.run(arguments, environment: environment.merging(more) { $1 }, input: input)
  }

  private func awaitReady(_ role: String) async throws {
    let url = "http://127.0.0.1:\(environment["\(role.uppercased())_PORT"] ?? "")/health/ready"
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end, running[role]?.isRunning == true {
      if (try? await PlainRequest.send("GET", url))?.status == 200 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure("\(role) is not ready: \(running[role]?.errors ?? "")")
  }
}
