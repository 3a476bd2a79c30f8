import HTTPServiceTesting
import JSON
import Testing

@Suite struct TeachingServiceTests {
  private let teaching: UnreachableTeaching

  init() throws { teaching = try UnreachableTeaching() }

  /// Method, path, body.
  private static let operations: [(String, String, String?)] = [
    ("GET", "/api/courses/", nil), ("POST", "/api/courses", #"{"title": "T"}"#), ("GET", "/api/courses/7/", nil),
    ("PATCH", "/api/courses/7/", #"{"title": "T"}"#), ("DELETE", "/api/courses/7/", nil),
    ("POST", "/api/courses/7/publish/", nil), ("POST", "/api/courses/7/unpublish", nil),
    ("GET", "/api/courses/7/decks/", nil), ("POST", "/api/courses/7/decks/", #"{"deck_id": 1}"#),
    ("POST", "/api/courses/7/decks/batch/", #"[{"deck_id": 1}]"#),
    ("POST", "/api/courses/7/decks/reorder/", #"[{"id": 1, "order_index": 0}]"#),
    ("GET", "/api/courses/7/decks/1/", nil), ("PATCH", "/api/courses/7/decks/1/", #"{"order_index": 0}"#),
    ("DELETE", "/api/courses/7/decks/1/", nil), ("POST", "/api/courses/7/join_codes/", "{}"),
    ("GET", "/api/courses/7/join_codes/", nil), ("DELETE", "/api/courses/7/join_codes/ABCDEFGH", nil),
    ("POST", "/api/courses/7/enrollments/batch", #"{"user_ids": [1]}"#), ("GET", "/api/enrollments/", nil),
    ("POST", "/api/enrollments/", #"{"course": 7}"#), ("DELETE", "/api/enrollments/7/", nil),
    ("POST", "/api/enrollments/7/decks/1/complete/", nil),
  ]

  /// 503: let through to the database.
  @Test func onlyPeopleAreLetThrough() async throws {
    for (method, path, body) in Self.operations {
      let nobody = try await teaching.client.send(method, path, body, headers: UnreachableTeaching.gateway)
      #expect(nobody.status == 401 && nobody.code == "UNAUTHENTICATED", "\(method) \(path)")
      let service = try await teaching.client.send(method, path, body, headers: UnreachableTeaching.service)
      #expect(service.status == 401, "\(method) \(path)")
      for isManager in [false, true] {
        let person = UnreachableTeaching.person(7, isManager: isManager)
        let answer = try await teaching.client.send(method, path, body, headers: person)
        #expect(answer.status == 503 && answer.code == "DATABASE_UNAVAILABLE", "\(method) \(path) \(answer.text)")
        #expect(answer[header: "Retry-After"] != nil)
      }
    }
  }

  @Test func servicesAloneAskForExports() async throws {
    func status(_ headers: [String: String]) async throws -> Int {
      try await teaching.client.send("POST", "/api/internal/export", #"{"user_id": 7}"#, headers: headers).status
    }
    #expect(try await status(UnreachableTeaching.gateway) == 401)
    #expect(try await status(UnreachableTeaching.person(7, isManager: true)) == 401)
    #expect(try await status(["X-Service-Auth": "local-gateway-secret"]) == 401)
    #expect(try await status(UnreachableTeaching.service) == 503)
  }

  /// Path, body, where it is wrong.
  private static let hostile: [(path: String, body: String, place: String)] = [
    ("/api/courses/", "{}", "title"), ("/api/courses/", #"{"title": " \t"}"#, "title"),
    ("/api/courses/", #"{"title": "a\u0000b"}"#, "title"), ("/api/courses/", #"{"title": 7}"#, "title"),
    ("/api/courses/", #"{"title": "T", "teacher_id": 9}"#, "teacher_id"),
    ("/api/courses/", #"{"title": "T", "is_published": true}"#, "is_published"),
    ("/api/courses/", #"{"title": "T", "id": 1}"#, "id"), ("/api/courses/", "[]", ""),
    ("/api/courses/7/decks/", #"{"deck_id": 0}"#, "deck_id"),
    ("/api/courses/7/decks/", #"{"deck_id": "1"}"#, "deck_id"),
    ("/api/courses/7/decks/", #"{"deck_id": 1, "order_index": -1}"#, "order_index"),
    ("/api/courses/7/decks/", #"{"deck_id": 1, "order_index": 1000001}"#, "order_index"),
    ("/api/courses/7/decks/batch/", "[]", ""), ("/api/courses/7/decks/batch/", #"[{"deck_id": 1}, {}]"#, "[1].deck_id"),
    ("/api/courses/7/decks/reorder/", #"[{"id": 1}]"#, "[0].order_index"),
    ("/api/courses/7/join_codes/", #"{"expires_at": "tomorrow"}"#, "expires_at"),
    ("/api/courses/7/join_codes/", #"{"code": "ABCDEFGH"}"#, "code"),
    ("/api/enrollments/", "{}", "course"), ("/api/enrollments/", #"{"course": 1, "user_id": 2}"#, "user_id"),
    ("/api/enrollments/", #"{"join_code": ""}"#, "join_code"), ("/api/enrollments/", #"{"course": null}"#, "course"),
    ("/api/courses/7/enrollments/batch", "{}", "emails"),
    ("/api/courses/7/enrollments/batch", #"{"emails": []}"#, "emails"),
    ("/api/courses/7/enrollments/batch", #"{"user_ids": [1, 0]}"#, "user_ids[1]"),
  ]

  @Test func hostileBodiesAreRefusedAtTheirPlace() async throws {
    for (path, body, place) in Self.hostile {
      let answer = try await teaching.client.send("POST", path, body, headers: UnreachableTeaching.person(7))
      #expect(answer.status == 422 && answer.details.contains { $0.hasPrefix("\(place):") }, "\(body) \(answer.text)")
    }
    let many = (1...101).map { "{\"deck_id\": \($0)}" }.joined(separator: ",")
    for (path, body, status) in [
      ("/api/courses/7/decks/batch/", "[\(many)]", 422),
      (
        "/api/courses/7/enrollments/batch", "{\"user_ids\": [\((1...501).map(String.init).joined(separator: ","))]}",
        422
      ),
      ("/api/courses/", "{\"title\": \"\(String(repeating: "я", count: 201))\"}", 422),
      ("/api/courses/", "{\"title\": \"\(String(repeating: "x", count: 70_000))\"}", 413), ("/api/courses/", "{", 400),
    ] {
      let answer = try await teaching.client.send("POST", path, body, headers: UnreachableTeaching.person(7))
      #expect(answer.status == status, "\(body.prefix(40)) \(answer.text)")
    }
  }

  @Test func whatNamesNothingIsNotThere() async throws {
    for path in [
      "/api/courses/0/", "/api/courses/-1/", "/api/courses/07/", "/api/courses/x/", "/api/courses/9223372036854775808/",
      "/api/courses/7/decks/0/", "/api/courses/7/decks/'/", "/api/enrollments/7/", "/api/courses/7/nothing/",
    ] {
      let answer = try await teaching.client.send("GET", path, headers: UnreachableTeaching.person(7))
      #expect(answer.status == (path.hasPrefix("/api/enrollments") ? 405 : 404), "\(path) \(answer.text)")
    }
    for query in ["limit=0", "limit=101", "teacher_id=x", "is_published=1", "page=2", "teacher_id=1&teacher_id=2"] {
      let answer = try await teaching.client.send(
        "GET", "/api/courses/?\(query)", headers: UnreachableTeaching.person(7))
      #expect(answer.status == 422, "\(query) \(answer.text)")
    }
  }

  /// `reorder` is no deck's place, though one stands at the same depth.
  @Test func aWordGoesBeforeAnID() async throws {
    for (path, methods) in [
      ("/api/courses/7/decks/reorder/", "POST"), ("/api/courses/7/decks/7/", "GET, HEAD, PATCH, DELETE"),
    ] {
      let answer = try await teaching.client.send("OPTIONS", path, headers: UnreachableTeaching.person(7))
      #expect(answer.status == 405 && answer[header: "Allow"] == methods, "\(answer.text)")
    }
  }

  @Test func theDocumentIsOpenAPI() async throws {
    let answer = try await teaching.client.send("GET", "/api/openapi.json")
    #expect(DocumentCheck(try #require(answer.json)).problems.isEmpty)
  }
}
