import Foundation
import HTTPServiceTesting
import ServiceContract
import Settings
import Testing

@Suite struct CallerTests {
  private let service: ExampleService

  init() throws { service = try ExampleService() }

  private static let gateway = ["X-Gateway-Auth": ExampleService.gatewaySecret]
  private static let other = ["X-Service-Auth": ExampleService.serviceSecret]

  private func who(_ headers: [String: String]) async throws -> RouterAnswer {
    try await service.client.send("GET", "/api/whoami", headers: headers)
  }

  @Test(
    arguments: [
      ([:], "anonymous"), (gateway, "anonymous"), (ExampleService.headers(5), "learner:5"),
      (ExampleService.headers(Int64.max), "learner:9223372036854775807"),
      (ExampleService.headers(5, isManager: true), "manager:5"), (other, "service:unnamed"),
      (other.merging(["X-Service-Name": "auth-service"]) { $1 }, "service:auth-service"),
      // A name without a secret is nothing.
      (["X-Service-Name": "auth"], "anonymous"),
    ] as [([String: String], String)]) func callers(headers: [String: String], name: String) async throws
  {
    let answer = try await who(headers)
    #expect(answer.status == 200 && answer.text.hasPrefix("[\"\(name)\""), "\(answer.text)")
  }

  @Test(arguments: [
    ["X-User-Id": "1"], ["X-User-Ismanager": "1"], ["X-User-Id": "1", "X-User-Ismanager": "1"], ["X-User-Role": "x"],
    ["x_user_id": "1"], ["X-User_Id": "1"], ["X-Gateway-Auth": "", "X-User-Id": "1"], ["X-Gateway-Auth": "guess"],
    ["X-Service-Auth": "guess"], ["X-Service-Auth": ""],
    ["X-Gateway-Auth": ExampleService.serviceSecret, "X-User-Id": "1", "X-User-Ismanager": "0"],
    ["X-Gateway-Auth": "\(ExampleService.gatewaySecret), \(ExampleService.gatewaySecret)"],
    ["X-Gateway-Auth": "\(ExampleService.gatewaySecret)x"],
    ["X-Gateway-Auth": String(ExampleService.gatewaySecret.dropLast())],
    ["X-Service-Auth": ExampleService.serviceSecret, "X-User-Id": "1", "X-User-Ismanager": "1"],
    ["X-Service-Auth": ExampleService.gatewaySecret],
  ]) func forgeriesAreRefused(headers: [String: String]) async throws {
    let answer = try await who(headers)
    #expect(answer.status == 401 && answer.code == "IDENTITY_NOT_VOUCHED_FOR", "\(headers) \(answer.text)")
    for secret in [ExampleService.gatewaySecret, ExampleService.serviceSecret] {
      #expect(!answer.text.contains(secret))
    }
  }

  @Test(arguments: [
    ["X-User-Id": ""], ["X-User-Id": "0"], ["X-User-Id": "-1"], ["X-User-Id": "+1"], ["X-User-Id": "01"],
    ["X-User-Id": "1e3"], ["X-User-Id": "9223372036854775808"], ["X-User-Id": "1, 2"], ["X-User-Id": "１"],
    ["X-User-Ismanager": "1"], ["X-User-Id": "1", "X-User-Ismanager": "true"], ["X-User-Id": "1"],
    ["X-User-Id": "1", "X-User-Ismanager": "2"],
    ["X-Service-Auth": ExampleService.serviceSecret],
  ]) func malformedIdentities(headers: [String: String]) async throws {
    let manager = headers["X-User-Id"].map { $0.isEmpty || $0 != "1" } == true ? ["X-User-Ismanager": "0"] : [:]
    let answer = try await who(Self.gateway.merging(manager) { $1 }.merging(headers) { $1 })
    #expect(answer.status == 400 && answer.code == "MALFORMED_IDENTITY", "\(headers) \(answer.text)")
  }

  @Test func aServicesNameIsPlain() async throws {
    for name in ["", "A", "a b", String(repeating: "a", count: 33)] {
      let answer = try await who(Self.other.merging(["X-Service-Name": name]) { $1 })
      #expect(answer.status == 400, "\(name)")
    }
  }

  @Test func accessIsAskedFor() async throws {
    let learner = ExampleService.headers(1)
    let manager = ExampleService.headers(2, isManager: true)
    let expected: [(String, String, [String: String], Int, String?)] = [
      ("POST", "/api/notes/", [:], 401, "UNAUTHENTICATED"),
      ("POST", "/api/notes/", Self.gateway, 401, "UNAUTHENTICATED"),
      ("POST", "/api/notes/", Self.other, 401, "UNAUTHENTICATED"),
      ("DELETE", "/api/notes/", [:], 401, "UNAUTHENTICATED"), ("DELETE", "/api/notes/", learner, 403, "FORBIDDEN"),
      ("DELETE", "/api/notes/", Self.other, 401, "UNAUTHENTICATED"), ("DELETE", "/api/notes/", manager, 204, nil),
      ("POST", "/api/verify", [:], 401, "FOR_SERVICES_ONLY"),
      ("POST", "/api/verify", manager, 401, "FOR_SERVICES_ONLY"),
      ("POST", "/api/verify", Self.gateway, 401, "FOR_SERVICES_ONLY"), ("POST", "/api/verify", Self.other, 200, nil),
    ]
    for (method, path, headers, status, code) in expected {
      let answer = try await service.client.send(method, path, method == "POST" ? "{}" : nil, headers: headers)
      #expect(answer.status == status && answer.code == code, "\(method) \(path) \(headers) \(answer.text)")
    }
  }

  /// The body is not read, let alone judged, for somebody who may not send it.
  @Test func accessComesFirst() async throws {
    let answer = try await service.client.send("POST", "/api/notes/", "junk", headers: ["Content-Type": "text/plain"])
    #expect(answer.status == 401 && answer[header: "WWW-Authenticate"] == "Bearer realm=\"kartoteka\"")
  }

  @Test func theSoonerDeadlineHolds() throws {
    func left(_ header: String?, isVouchedFor: Bool = true) throws -> Duration {
      try DeadlineSample.left(header, isVouchedFor: isVouchedFor)
    }
    #expect(try left(nil) == .seconds(9))
    #expect(try left("1003000") == .seconds(3))
    #expect(try left("1009001") == .seconds(9))
    #expect(try left("999999999999999") == .seconds(9))
    // A stranger's is not looked at.
    #expect(try left("1", isVouchedFor: false) == .seconds(9))
    #expect(try left("junk", isVouchedFor: false) == .seconds(9))
  }

  @Test func deadlinesThatHavePassedOrAreNone() async throws {
    for header in ["1793491200000", "1793491199999", "0"] {
      let answer = try await who(Self.gateway.merging(["X-Request-Deadline": header]) { $1 })
      #expect(answer.status == 504 && answer.code == "DEADLINE_EXCEEDED")
    }
    for header in ["", "-1", "1e3", "9999999999999999", "1793491203000.5", "soon"] {
      let answer = try await who(Self.gateway.merging(["X-Request-Deadline": header]) { $1 })
      #expect(answer.status == 400 && answer.code == "MALFORMED_DEADLINE", "\(header)")
    }
  }

  @Test func tracesAreKeptAndJunkIsNot() async throws {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    #expect(try await who(["traceparent": trace]).text.contains(trace))
    for junk in [
      "", "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "01\(trace.dropFirst(2))", "\(trace)-x",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      trace.replacing("-", with: "_"),
    ] {
      #expect(try await who(["traceparent": junk]).text.contains("\"none\""), "\(junk)")
    }
  }

  @Test func answersToSomebodyAreNobodyElses() async throws {
    let anonymous = try await who([:])
    #expect(anonymous[header: "Cache-Control"] == nil && anonymous[header: "X-Content-Type-Options"] == "nosniff")
    for headers in [ExampleService.headers(1), Self.other, ["X-User-Id": "1"], ["Authorization": "Bearer x"]] {
      let answer = try await who(headers)
      #expect(answer[header: "Cache-Control"] == "private, no-store", "\(headers)")
      #expect(answer[header: "X-Content-Type-Options"] == "nosniff")
    }
    let refused = try await service.client.send("POST", "/api/notes/", "{", headers: ExampleService.headers(1))
    #expect(refused.status == 400 && refused[header: "Cache-Control"] == "private, no-store")
  }

  @Test func requestsKeepTheirID() async throws {
    let answer = try await who(["X-Request-Id": "abc-1"])
    #expect(answer[header: "X-Request-Id"] == "abc-1")
    #expect(try await who(["X-Request-Id": "a b"])[header: "X-Request-Id"] != "a b")
  }
}

@Suite struct TrustSecretsTests {
  private func secrets(_ environment: [String: String]) throws -> TrustSecrets {
    try TrustSecrets(Settings(environment: environment))
  }

  @Test func theDefaultsAreTheLocalPlatforms() throws {
    _ = try secrets([:])
    for given in [
      [:], ["GATEWAY_SECRET": "0123456789abcdef"], ["SERVICE_SECRET": "0123456789abcdef"],
      ["GATEWAY_SECRET": "local-gateway-secret", "SERVICE_SECRET": "0123456789abcdef"],
      ["GATEWAY_SECRET": "0123456789abcdef", "SERVICE_SECRET": "local-service-secret"],
    ] {
      #expect(throws: SettingError.self) {
        try secrets(given.merging(["KARTOTEKA_ENV": "production"]) { $1 })
      }
    }
    _ = try secrets([
      "KARTOTEKA_ENV": "production", "GATEWAY_SECRET": "0123456789abcdef", "SERVICE_SECRET": "fedcba9876543210",
    ])
  }

  @Test func aSecretIsLongAndItsOwn() {
    #expect(throws: SettingError("GATEWAY_SECRET", "must have at least 16 bytes")) {
      try secrets(["GATEWAY_SECRET": "short"])
    }
    #expect(throws: SettingError("SERVICE_SECRET", "must be another one than GATEWAY_SECRET")) {
      try secrets(["GATEWAY_SECRET": "0123456789abcdef", "SERVICE_SECRET": "0123456789abcdef"])
    }
  }

  /// `Secret.matches` compares in constant time; nothing else may compare a secret, or take it out to do so.
  @Test func secretsAreComparedInConstantTime() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Services/Contract")
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    var matches = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      matches += text.matches(of: /secrets\.(?:gateway|service)\.matches/).count
      #expect(!text.contains(/revealed\s*[=!]=|[=!]=\s*\S*revealed/), "\(file.lastPathComponent)")
      for line in text.split(separator: "\n") where line.contains("revealed") {
        let allowed = [
          "utf8.count >= Self.shortestBytes", "gateway.matches(service", "hmacSHA256(", "\"X-Service-Auth: ",
        ]
        #expect(allowed.contains { line.contains($0) }, "\(line)")
      }
    }
    #expect(matches == 2)
  }
}
