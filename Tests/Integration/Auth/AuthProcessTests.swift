import Foundation
import FoundationNetworking
import RealServers
import ServiceContract
import Testing

/// The real program.
@Suite struct AuthProcessTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "auth-\(UUID().uuidString)")
  private var file: String { folder.appending(path: "keys.pem").path }

  private func environment(_ more: [String: String] = [:]) throws -> [String: String] {
    [
      "AUTH_KEYS_FILE": file, "REDIS_URL": try RedisServer.url(), "LOG_FORMAT": "json", "DRAIN_SECONDS": "0",
      "USERS_URL": "http://127.0.0.1:9",
    ].merging(more) { $1 }
  }

  private func keys(_ command: String) throws -> Kartoteka.Ended {
    try Kartoteka.run(["auth", "keys", command], environment: try environment())
  }

  @Test func keysAreMadeRotatedAndListed() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try keys("list").status == 1)
    let new = try keys("new")
    #expect(new.status == 0 && new.output.hasSuffix("signs\n"), "\(new.errors)")
    #expect(try keys("new").status == 1)
    let rotated = try keys("rotate")
    #expect(rotated.status == 0, "\(rotated.errors)")
    let lines = rotated.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasSuffix("signs") && lines[1].hasSuffix("waits"))
    let again = try keys("rotate")
    #expect(again.status == 1 && again.errors.contains("already waits"))
    #expect(try keys("list").output == rotated.output)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test(.timeLimit(.minutes(1))) func itServesAndStops() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let service = try Kartoteka(["auth", "--port", "0"], environment: try environment())
    defer { service.signal(SIGKILL) }
    #expect(eventually(within: 20) { service.errors.contains("listening") })
    let url = try #require(service.errors.firstMatch(of: #/http://127.0.0.1:\d+/#).map { String($0.output) })
    #expect(try await Self.get(url + "/health/ready").contains("ready"))
    let keys = try JSONWebKeySet(json: Array(try await Self.get(url + JSONWebKeySet.path).utf8))
    #expect(try self.keys("list").output.hasPrefix(try #require(keys.keys.first).id), "made at the first start")
    #expect(try await Self.get(url + "/api/openapi.json").contains("/refresh"))
    #expect(try await Self.get(url + "/metrics").contains("\nauth_logins_success_total 0\n"))
    service.signal(SIGTERM)
    #expect(service.wait(seconds: 20) == 0, "\(service.errors)")
    #expect(!service.errors.contains("PRIVATE") && !service.errors.contains("local-service-secret"))
  }

  @Test func elsewhereItWantsKeysAndSecretsOfItsOwn() throws {
    let secrets = ["GATEWAY_SECRET": "0123456789abcdef", "SERVICE_SECRET": "fedcba9876543210"]
    let production = ["KARTOTEKA_ENV": "production"]
    let withDefaults = try Kartoteka.run(["auth", "--port", "0"], environment: try environment(production))
    #expect(withDefaults.status == 1 && withDefaults.errors.contains("GATEWAY_SECRET"))
    let withoutKeys = try Kartoteka.run(
      ["auth", "--port", "0"], environment: try environment(production.merging(secrets) { $1 }))
    #expect(withoutKeys.status == 1 && withoutKeys.errors.contains("auth keys new"), "\(withoutKeys.errors)")
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  private static func get(_ url: String) async throws -> String {
    let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: url)))
    return String(decoding: data, as: UTF8.self)
  }
}
