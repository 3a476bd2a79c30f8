import Digests
import ServiceContract
import Settings
import Testing

/// What time a request happens at.
@Suite struct ClockTests {
  private static let wall: Int64 = 1_793_491_200_000

  private func ask(_ header: String?, isLocal: Bool = true) async throws -> (status: Int, text: String) {
    let service = try ExampleService(now: Self.wall, isLocal: isLocal)
    let answer = try await service.client.send(
      "GET", "/api/when", headers: header.map { ["X-Simulated-Time": $0] } ?? [:])
    return (answer.status, answer.code ?? answer.text)
  }

  private func header(_ time: Int64) throws -> String {
    RequestClock(try TrustSecrets(Settings(environment: [:])), isLocal: true).header(time)
  }

  @Test func theWallClocksUnlessOneWhoKnowsTheSecretSaysOtherwise() async throws {
    #expect(try await ask(nil) == (200, "\(Self.wall)\n"))
    for time: Int64 in [1, 1_700_000_000_123, Self.wall + 1, 9_999_999_999_999] {
      #expect(try await ask(try header(time)) == (200, "\(time)\n"))
    }
  }

  /// As anybody else can compute it.
  @Test func theSumIsAnHMACOfTheDigits() throws {
    let sum = Digest.hmacSHA256(of: Array("1700000000000".utf8), key: Array(ExampleService.serviceSecret.utf8))
    #expect(try header(1_700_000_000_000) == "1700000000000;\(sum.hexadecimal)")
  }

  @Test func elsewhereThanLocallyItIsRefused() async throws {
    #expect(try await ask(nil, isLocal: false) == (200, "\(Self.wall)\n"))
    #expect(try await ask(try header(Self.wall), isLocal: false) == (400, "SIMULATED_TIME_REFUSED"))
  }

  @Test func whatTheSecretDidNotMakeIsRefused() async throws {
    let good = try header(1_700_000_000_000)
    let sum = good.drop { $0 != ";" }
    let wrong = Digest.hmacSHA256(of: Array("1700000000000".utf8), key: Array(ExampleService.gatewaySecret.utf8))
    for text in [
      "", ";", "1700000000000", "1700000000000;", "1700000000001\(sum)", "01700000000000\(sum)", "+1700000000000\(sum)",
      "; \(good)", "1700000000000; \(sum.dropFirst())", good.uppercased(), String(good.dropLast()), "\(good)0",
      "\(good),\(good)",
      "1700000000000;\(wrong.hexadecimal)", try header(0), try header(-1), try header(10_000_000_000_000), "now",
      "1e3;\(sum)",
    ] where text != good {
      #expect(try await ask(text) == (400, "SIMULATED_TIME_REFUSED"), "\(text)")
    }
  }
}
