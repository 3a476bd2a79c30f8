import HTTPServiceTesting
import JSON
import Testing

@Suite struct JoinCodeTests {
  private func join(
    _ bench: TeachingBench, _ code: String, by person: Int64 = 2, at time: Int64 = TeachingBench.now
  ) async throws -> RouterAnswer {
    try await bench.ask("POST", "/api/enrollments/", "{\"join_code\": \"\(code)\"}", by: person, at: time)
  }

  @Test func aCodeOpensWhatIsNotPublished() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course("Hidden")
    let code = try await bench.code(of: course)
    #expect(code.wholeMatch(of: /[2-9A-HJKMNP-TW-Z]{8}/) != nil, "\(code)")
    // As people type it.
    let typed = " \(code.prefix(4).lowercased()) - \(code.dropFirst(4))"
    let joined = try await join(bench, typed)
    #expect(joined.status == 201 && joined["course_id"].int == course, "\(joined.text)")
    #expect(try await join(bench, code).code == "ALREADY_ENROLLED")
    #expect(try await join(bench, code, by: 3).status == 201)
    #expect(try await bench.ask("GET", "/api/courses/\(course)/", by: 3).status == 200)
    // Of another course than the one that is named, it is none.
    let other = try await bench.course()
    let both = "{\"join_code\": \"\(code)\", \"course\": \(other)}"
    #expect(try await bench.ask("POST", "/api/enrollments/", both, by: 4).code == "JOIN_CODE_NOT_FOUND")
    let right = "{\"join_code\": \"\(code)\", \"course\": \(course)}"
    #expect(try await bench.ask("POST", "/api/enrollments/", right, by: 4).status == 201)
  }

  @Test func whatExpiredOrWasRevokedOpensNothing() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let path = "/api/courses/\(course)/join_codes/"
    let brief = try await bench.code(of: course, #"{"expires_at": "2026-11-01T03:00:01+03:00"}"#)
    let listed = try await bench.ask("GET", path)
    #expect(listed.each("expires_at") == [.string("2026-11-01T00:00:01.000Z")])
    #expect(try await join(bench, brief, by: 3, at: TeachingBench.now + 999).status == 201)
    #expect(try await join(bench, brief, at: TeachingBench.now + 1000).code == "JOIN_CODE_NOT_FOUND")
    let code = try await bench.code(of: course, #"{"expires_at": null}"#)
    #expect(try await bench.ask("DELETE", "\(path)\(code.lowercased())").status == 204)
    #expect(try await bench.ask("DELETE", "\(path)\(code)").code == "JOIN_CODE_NOT_FOUND")
    #expect(try await join(bench, code).code == "JOIN_CODE_NOT_FOUND")
    let other = try await bench.course()
    let kept = try await bench.code(of: other)
    #expect(try await bench.ask("DELETE", "\(path)\(kept)").code == "JOIN_CODE_NOT_FOUND")
    #expect(try await bench.ask("GET", path).each("code") == [.string(brief)])
    #expect(try await join(bench, kept).status == 201)
  }

  /// Who has mistyped a code tries again under the same key.
  @Test func aWrongCodeKeepsNoReply() async throws {
    let bench = try TeachingBench()
    let code = try await bench.code(of: try await bench.course())
    func join(_ code: String) async throws -> Int {
      try await bench.ask(
        "POST", "/api/enrollments/", "{\"join_code\": \"\(code)\"}", by: 2, headers: ["Idempotency-Key": "k1"]
      ).status
    }
    #expect(try await join("not a code") == 404)
    #expect(try await join(code) == 201)
    #expect(try await join(code) == 201)
    #expect(try await bench.number("SELECT count(*) FROM idempotency_keys") == 1)
  }

  /// However many are tried at once, and whoever has a code of his own.
  @Test func aGuesserIsStopped() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let code = try await bench.code(of: course)
    // A right one is no guess.
    let own = try await bench.code(of: try await bench.course())
    let wrong = ["2222222\(code.first == "2" ? "3" : "2")", "not a code", "ABCDEFGH"].filter { $0 != code }
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<20 {
        group.addTask { try await join(bench, wrong[index % wrong.count]).status }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.filter { $0 == 404 }.count == 10 && statuses.filter { $0 == 429 }.count == 10, "\(statuses)")
    let refused = try await join(bench, code)
    #expect(refused.code == "TOO_MANY_GUESSES")
    let wait = try #require(Int(refused[header: "Retry-After"] ?? ""))
    #expect((1...900).contains(wait))
    // Nobody else is.
    #expect(try await join(bench, code, by: 3).status == 201)
    for number in 0..<9 {
      #expect(try await join(bench, wrong[0], by: 4).status == 404)
      if number == 4 { #expect(try await join(bench, own, by: 4).status == 201) }
    }
    #expect(try await join(bench, wrong[0], by: 4).status == 404)
    #expect(try await join(bench, wrong[0], by: 4).status == 429)
    try await bench.sql("UPDATE guesses SET since = since - interval '16 minutes'")
    #expect(try await join(bench, code).status == 201)
    #expect(try await bench.number("SELECT guesses FROM guesses WHERE user_id = 2") == 0)
  }

  @Test func aCourseHasSoManyCodes() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    var codes: Set<String> = []
    for _ in 0..<20 { codes.insert(try await bench.code(of: course)) }
    #expect(codes.count == 20)
    let path = "/api/courses/\(course)/join_codes/"
    #expect(try await bench.ask("POST", path, "{}").code == "TOO_MANY_CODES")
    #expect(try await bench.ask("DELETE", "\(path)\(try #require(codes.first))").status == 204)
    #expect(try await bench.ask("POST", path, "{}").status == 201)
  }
}
