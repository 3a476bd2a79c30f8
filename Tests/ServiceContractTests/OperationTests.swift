import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

@Suite struct OperationTests {
  private let service: ExampleService
  private let me = ExampleService.headers(7)

  init() throws {
    service = try ExampleService()
    _ = service.store.add(NewNote(title: "first", rating: 1), by: 7)
  }

  @Test func aPathIsAnsweredWithAndWithoutItsLastSlash() async throws {
    for path in ["/api/notes", "/api/notes/", "/api/notes/1", "/api/notes/1/", "/api/whoami/"] {
      #expect(try await service.client.send("GET", path).status == 200, "\(path)")
    }
  }

  @Test(arguments: ["x", "0", "-1", "1.0", "9223372036854775808", "%31%00", "%FF", "1%2F2", "0x1", "2"])
  func whatNamesNothingIsNotThere(id: String) async throws {
    let answer = try await service.client.send("GET", "/api/notes/\(id)/")
    #expect(answer.status == 404 && (answer.code == "NOT_FOUND" || answer.code == "NOTE_NOT_FOUND"), "\(answer.text)")
  }

  @Test(arguments: [
    ("PUT", "/api/notes/", "GET, HEAD, POST, DELETE"), ("DELETE", "/api/notes/1", "GET, HEAD, PATCH, PUT"),
    ("TRACE", "/api/notes/1/", "GET, HEAD, PATCH, PUT"), ("BREW", "/api/whoami", "GET, HEAD"),
    ("OPTIONS", "/api/verify", "POST"), ("GET", "/api/verify", "POST"), ("HEAD", "/api/verify", "POST"),
  ]) func otherMethods(method: String, path: String, allowed: String) async throws {
    let answer = try await service.client.send(method, path)
    #expect(answer.status == 405 && answer[header: "Allow"] == allowed, "\(answer.text)")
    #expect(answer.code == "METHOD_NOT_ALLOWED")
  }

  @Test func whereThereIsNothing() async throws {
    for path in ["/", "/api", "/api/note", "/api/notes/1/2", "/favicon.ico", "/api/nowhere?x=1"] {
      let answer = try await service.client.send("GET", path)
      #expect(answer.status == 404 && answer.code == "NOT_FOUND", "\(path) \(answer.text)")
    }
  }

  @Test(
    arguments: [
      (nil, 200), ("*/*", 200), ("application/json", 200), ("application/*;q=0.1", 200), ("text/html, */*;q=0.8", 200),
      ("text/html", 406), ("application/json;q=0", 406), ("application/json;q=0, */*", 406),
      ("application/xml,text/*", 406),
    ] as [(String?, Int)]) func acceptIsObeyed(accept: String?, status: Int) async throws
  {
    let answer = try await service.client.send("GET", "/api/notes/1", headers: accept.map { ["Accept": $0] } ?? [:])
    #expect(answer.status == status)
    if status == 406 { #expect(answer.code == "NOT_ACCEPTABLE") }
  }

  @Test func whatIsKnownIsNotSentAgain() async throws {
    let first = try await service.client.send("GET", "/api/notes/1/")
    let tag = try #require(first[header: "ETag"])
    #expect(tag == "\"v1\"")
    for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
      let answer = try await service.client.send("GET", "/api/notes/1/", headers: ["If-None-Match": known])
      #expect(answer.status == 304 && answer.text.isEmpty && answer[header: "ETag"] == tag, "\(known)")
    }
    for other in ["\"v2\"", "v1", "\"V1\""] {
      #expect(try await service.client.send("GET", "/api/notes/1/", headers: ["If-None-Match": other]).status == 200)
    }
    let head = try await service.client.send("HEAD", "/api/notes/1/", headers: ["If-None-Match": "\"v0\""])
    #expect(head.status == 200 && head.text.isEmpty && head[header: "ETag"] == tag)
  }

  @Test func nobodysChangeIsLost() async throws {
    func change(_ method: String, _ tag: String?) async throws -> RouterAnswer {
      let headers = tag.map { ["If-Match": $0] } ?? [:]
      return try await service.client.send(
        method, "/api/notes/1/", #"{"title":"new"}"#, headers: me.merging(headers) { $1 })
    }
    #expect(try await change("PATCH", nil).status == 200)
    let asked = try await change("PUT", nil)
    #expect(asked.status == 428 && asked.code == "PRECONDITION_REQUIRED")
    for old in ["\"v1\"", "W/\"v2\"", "v2", "", ","] {
      let answer = try await change("PUT", old)
      #expect(
        answer.status == 412 && answer.code == "PRECONDITION_FAILED" && answer[header: "ETag"] == "\"v2\"", "\(old)")
      #expect(try await change("PATCH", old).status == 412)
    }
    #expect(try await change("PUT", "\"v1\", \"v2\"")[header: "ETag"] == "\"v3\"")
    #expect(try await change("PATCH", "*")[header: "ETag"] == "\"v4\"")
  }

  @Test func aChangeTellsAbsentFromNull() async throws {
    func text(_ body: String) async throws -> JSONValue? {
      try await service.client.send("PATCH", "/api/notes/1/", body, headers: me).json?["text"]
    }
    #expect(try await text(#"{"text":"words"}"#) == .string("words"))
    #expect(try await text("{}") == .string("words"))
    #expect(try await text(#"{"text":null}"#) == .null)
  }

  @Test func whatAStrangerMayNotKnowIsNotThere() async throws {
    let mine = #"{"title":"mine","visibility":"private"}"#
    #expect(try await service.client.send("POST", "/api/notes/", mine, headers: me).status == 201)
    for headers in [[:], ExampleService.headers(8)] {
      let answer = try await service.client.send("GET", "/api/notes/2/", headers: headers)
      #expect(answer.status == 404 && answer.code == "NOTE_NOT_FOUND")
    }
    #expect(try await service.client.send("GET", "/api/notes/2/", headers: me).status == 200)
    let manager = ExampleService.headers(9, isManager: true)
    #expect(try await service.client.send("GET", "/api/notes/2/", headers: manager).status == 200)
  }

  @Test func theUnforeseenIsNotTold() async throws {
    let answer = try await service.client.send("GET", "/api/broken", headers: ["X-Request-Id": "r1"])
    #expect(answer.status == 500)
    #expect(
      answer.text == """
        {"error":{"code":"INTERNAL","message":"Something failed here; the log has it under this request's id.",\
        "request_id":"r1"}}

        """)
  }

  @Test func anAnswerThatIsNotAsDeclaredFailsItsTest() async throws {
    await #expect(throws: RouterClient<CallContext>.Undeclared.self) {
      try await service.client.send("GET", "/api/lie")
    }
    await #expect(throws: RouterClient<CallContext>.Undeclared.self) {
      try await service.client.send("GET", "/api/undeclared")
    }
  }

  @Test func healthAndMetricsNeedNoCaller() async throws {
    for path in ["/health/live", "/health/ready", "/metrics"] {
      #expect(try await service.client.send("GET", path, headers: ["X-User-Id": "1"]).status == 200, "\(path)")
    }
    #expect(try await service.client.send("GET", "/metrics").text.contains("route=\"/api/") == false)
    _ = try await service.client.send("GET", "/api/notes/1")
    #expect(try await service.client.send("GET", "/metrics").text.contains("route=\"/api/notes/{id}\""))
  }
}
