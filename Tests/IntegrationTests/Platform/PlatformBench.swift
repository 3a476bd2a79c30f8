import Foundation
import FoundationNetworking
import Glibc
import JSON
import RealServers
import Testing

/// Users, decks, auth, analytics and the gateway as processes, with databases of their own.
final class PlatformBench {
  /// In the order of their start.
  enum Role: String, CaseIterable { case users, decks, auth, analytics, gateway }

  struct Answer {
    let status: Int
    let text: String
    let requestID: String

    /// A member of its JSON, as written; the path to it leads through objects.
    func member(_ path: String...) throws -> String {
      var value = try JSONParser.parse(Array(text.utf8))
      for name in path { value = try #require(value[name], "no \(name) in \(status) \(text)") }
      switch value {
      case .string(let text), .number(let text): return text
      default: throw Failure("\(path) is \(value.kind)")
      }
    }
  }

  static let throughGateway = ["X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "1", "X-User-Ismanager": "0"]
  static let asService = ["X-Service-Auth": "local-service-secret", "X-Service-Name": "test"]

  let users: PostgresDatabase
  let decks: PostgresDatabase
  let clickHouse: TestDatabase
  let ports: [Role: Int]
  private let keys = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).pem")
  private(set) var processes: [Role: Kartoteka] = [:]

  init(drainSeconds: Int = 0) async throws {
    users = try PostgresDatabase()
    decks = try PostgresDatabase()
    clickHouse = try TestDatabase()
    ports = Dictionary(uniqueKeysWithValues: zip(Role.allCases, try Self.freePorts(Role.allCases.count)))
    let environment = try environment(drainSeconds: drainSeconds)
    for role in [Role.users, .decks] {
      let migrated = try Kartoteka.run([role.rawValue, "migrate"], environment: environment)
      guard migrated.status == 0 else { throw Failure("\(role) migrate: \(migrated.errors)") }
    }
    for role in Role.allCases {
      let process = try Kartoteka([role.rawValue], environment: environment)
      processes[role] = process
      guard eventually(within: 30, { process.errors.contains("\"url\"") || !process.isRunning }), process.isRunning
      else { throw Failure("\(role) does not start: \(process.errors)") }
    }
    for role in Role.allCases { try await awaitReady(role) }
  }

  deinit { try? FileManager.default.removeItem(at: keys) }

  func process(_ role: Role) throws -> Kartoteka { try #require(processes[role]) }

  /// The lines of a role's log that have a text.
  func log(_ role: Role, with text: String) throws -> [Substring] {
    try process(role).errors.split(separator: "\n").filter { $0.contains(text) }
  }

  func ask(
    _ role: Role, _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(ports[role] ?? 0)\(path)")))
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

  /// The access token of somebody new.
  func register(_ name: String, id: String = "register") async throws -> String {
    let person = """
      {"name": "Anna", "surname": "Petrova", "email": "\(name)@example.org", "password": "correct horse"}
      """
    let answer = try await ask(.gateway, "POST", "/auth/register", person, headers: ["X-Request-Id": id])
    #expect(answer.status == 201, "\(answer.text)")
    return try answer.member("access")
  }

  func logIn(_ name: String) async throws -> String {
    let answer = try await ask(
      .gateway, "POST", "/auth/login", #"{"email": "\#(name)@example.org", "password": "correct horse"}"#)
    #expect(answer.status == 201, "\(answer.text)")
    return try answer.member("access")
  }

  private func awaitReady(_ role: Role) async throws {
    for _ in 0..<300 {
      if try await ask(role, "GET", "/health/ready").status == 200 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure("\(role) is not ready: \(try await ask(role, "GET", "/health/ready").text)")
  }

  private func environment(drainSeconds: Int) throws -> [String: String] {
    var found = [
      "USERS_DATABASE_URL": try Self.url(of: users), "DECKS_DATABASE_URL": try Self.url(of: decks),
      "CLICKHOUSE_DATABASE": clickHouse.name, "AUTH_KEYS_FILE": keys.path, "LOG_FORMAT": "json",
      "DRAIN_SECONDS": "\(drainSeconds)", "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
    ]
    for (role, port) in ports {
      found["\(role.rawValue.uppercased())_PORT"] = "\(port)"
      if role != .gateway { found["\(role.rawValue.uppercased())_URL"] = "http://127.0.0.1:\(port)" }
    }
    return found
  }

  private static func url(of database: PostgresDatabase) throws -> String {
    let base = try #require(ProcessInfo.processInfo.environment["USERS_DATABASE_URL"])
    return base.replacing(/\/[^\/]*$/, with: "/\(database.configuration.database)")
  }

  /// Different ones, that nobody listens at now.
  private static func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let status = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
        }
      }
      guard status == 0 else { throw Failure("no port is free") }
      return Int(UInt16(bigEndian: address.sin_port))
    }
  }
}
