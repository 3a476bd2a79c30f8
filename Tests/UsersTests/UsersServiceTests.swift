import Foundation
import HTTPServiceTesting
import JSON
import Testing

@Suite struct UsersServiceTests {
  private let users: UnreachableUsers
  private static let anna =
    #"{"name": "Anna", "surname": "Petrova", "email": "anna@example.org", "password": "correct horse"}"#

  init() throws { users = try UnreachableUsers() }

  /// Method, path, body.
  private static let operations: [(String, String, String?)] = [
    ("GET", "/api/users/", nil), ("GET", "/api/users/id/7", nil), ("GET", "/api/users/email/anna@example.org", nil),
    ("POST", "/api/users/", anna), ("PATCH", "/api/users/7", #"{"name": "Ann"}"#), ("DELETE", "/api/users/7", nil),
    ("POST", "/api/verify_user", #"{"email": "anna@example.org", "password": "x"}"#),
    ("POST", "/api/users/7/reset_code", nil),
    (
      "POST", "/api/reset_password",
      #"{"email": "a@b.org", "code": "0000000-0000000-0000000-00000", "new_password": "correct horse"}"#
    ), ("POST", "/api/internal/people", #"{"user_ids": [7]}"#),
  ]

  /// 503: let through to the database.
  @Test(arguments: [
    ("anonymous", [401, 401, 401, 401, 401, 401, 401, 401, 503, 401]),
    ("learner", [403, 503, 503, 403, 503, 503, 401, 403, 503, 401]),
    ("manager", [503, 503, 503, 503, 503, 503, 401, 503, 503, 401]),
    ("service", [401, 503, 503, 503, 503, 401, 503, 401, 503, 503]),
  ]) func whoMayAsk(caller: String, statuses: [Int]) async throws {
    let headers =
      switch caller {
      case "learner": UnreachableUsers.person(7)
      case "manager": UnreachableUsers.person(8, isManager: true)
      case "service": UnreachableUsers.auth
      default: UnreachableUsers.gateway
      }
    var found: [Int] = []
    for (method, path, body) in Self.operations {
      let answer = try await users.client.send(method, path, body, headers: headers)
      found.append(answer.status)
      if answer.status == 503 {
        #expect(answer.code == "DATABASE_UNAVAILABLE" && answer[header: "Retry-After"] != nil, "\(path) \(answer.text)")
      }
    }
    #expect(found == statuses)
  }

  @Test func theGatewaysSecretIsNotEnoughForServices() async throws {
    let forged = ["X-Service-Auth": "local-gateway-secret"]
    let answer = try await users.client.send(
      "POST", "/api/verify_user", #"{"email": "a@b.org", "password": "x"}"#, headers: forged)
    #expect(answer.status == 401 && answer.code == "IDENTITY_NOT_VOUCHED_FOR")
  }

  @Test func hostileRegistrationsAreRefusedAtTheirPlace() async throws {
    let cases: [(name: String, value: String, path: String)] = [
      ("name", #""""#, "name"), ("name", #"" \n ""#, "name"), ("name", #""a\u0000b""#, "name"),
      ("name", #""a\u202Eb""#, "name"), ("name", "7", "name"), ("name", "null", "name"),
      ("surname", "\"\(String(repeating: "я", count: 101))\"", "surname"),
      ("email", #""anna""#, "email"), ("email", #""anna@example.org\r\nBcc: x""#, "email"),
      ("email", #"["anna@example.org"]"#, "email"), ("email", #""a@b.org' OR 1=1 --""#, "email"),
      ("password", #""short""#, "password"), ("password", #""a\u0000bcdefghij""#, "password"),
      ("password", "\"\(String(repeating: "x", count: 129))\"", "password"), ("password", #""password""#, "password"),
      ("password", #""ANNA 2026 x""#, "password"), ("password", #""my petrova 1""#, "password"),
      ("timezone", #""Mars/Olympus""#, "timezone"), ("is_manager", "true", "is_manager"), ("id", "1", "id"),
      ("password_hash", #""x""#, "password_hash"), ("deleted_at", "null", "deleted_at"),
    ]
    for (name, value, path) in cases {
      var fields = [
        "name": #""Anna""#, "surname": #""Petrova""#, "email": #""anna.p@example.org""#,
        "password": #""correct horse""#,
      ]
      fields[name] = value
      let body = "{\(fields.map { #""\#($0.key)": \#($0.value)"# }.joined(separator: ", "))}"
      let answer = try await users.client.send("POST", "/api/users/", body, headers: UnreachableUsers.auth)
      #expect(answer.status == 422 && answer.details.first?.hasPrefix(path + ":") == true, "\(body) \(answer.text)")
      #expect(!answer.text.contains("correct horse") && !answer.text.contains("2026"), "a password is shown")
    }
  }

  @Test func whatIsNoRegistrationAtAll() async throws {
    let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    for (body, status) in [
      ("", 400), ("{", 400), ("[]", 422), ("null", 422), ("\"x\"", 422), ("{}", 422), (deep, 422),
      (#"{"name": "a", "name": "b"}"#, 422), ("{\"name\": \"\(String(repeating: "x", count: 70_000))\"}", 413),
    ] {
      let answer = try await users.client.send("POST", "/api/users/", body, headers: UnreachableUsers.auth)
      #expect(answer.status == status, "\(body.prefix(40)) \(answer.text)")
    }
    let raw = try await users.client.send(
      "POST", "/api/users/", bytes: [0xff, 0xfe, 0x00], headers: UnreachableUsers.auth)
    #expect(raw.status == 400)
  }

  @Test func hostileChangesAreRefused() async throws {
    for (body, path) in [
      (#"{"is_manager": "true"}"#, "is_manager"), (#"{"is_manager": null}"#, "is_manager"),
      (#"{"version": 9}"#, "version"), (#"{"password_version": 9}"#, "password_version"), (#"{"name": null}"#, "name"),
    ] {
      let answer = try await users.client.send(
        "PATCH", "/api/users/7", body, headers: UnreachableUsers.person(7, isManager: true))
      #expect(answer.status == 422 && answer.details.first?.hasPrefix(path + ":") == true, "\(body) \(answer.text)")
    }
    let mass = try await users.client.send(
      "PATCH", "/api/users/7", #"{"is_manager": true}"#, headers: UnreachableUsers.person(7))
    #expect(mass.status == 403 && mass.code == "FORBIDDEN")
    for path in ["/api/users/0", "/api/users/-1", "/api/users/9223372036854775808", "/api/users/07", "/api/users/x"] {
      let answer = try await users.client.send(
        "PATCH", path, #"{"name": "Ann"}"#, headers: UnreachableUsers.person(7, isManager: true))
      #expect(answer.status == 404, "\(path) \(answer.text)")
    }
    for query in ["limit=0", "limit=101", "limit=x", "cursor=abc", "page=2", "limit=1&limit=2"] {
      let answer = try await users.client.send(
        "GET", "/api/users/?\(query)", headers: UnreachableUsers.person(7, isManager: true))
      #expect(answer.status == (query.hasPrefix("cursor") ? 400 : 422), "\(query) \(answer.text)")
    }
  }

  @Test func whatCannotBeACodeIsRefusedAsAWrongOne() async throws {
    for (email, code) in [("a@b.org", "x"), ("nobody", "0000000-0000000-0000000-00000")] {
      let answer = try await users.client.send(
        "POST", "/api/reset_password",
        #"{"email": "\#(email)", "code": "\#(code)", "new_password": "correct horse"}"#)
      #expect(answer.status == 403 && answer.code == "RESET_REFUSED")
    }
  }

  @Test func theDocumentIsOpenAPI() async throws {
    let answer = try await users.client.send("GET", "/api/openapi.json")
    let document = try #require(answer.json)
    #expect(DocumentCheck(document).problems.isEmpty)
    let get = document["paths"]?["/users/id/{id}"]?["get"]
    #expect(get?["security"]?.elements?.count == 2, "a token or a service's secret")
  }
}
