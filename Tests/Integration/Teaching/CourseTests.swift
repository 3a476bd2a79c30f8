import HTTPServiceTesting
import JSON
import Testing

@Suite struct CourseTests {
  @Test func aCourseIsMadeChangedPublishedAndDeleted() async throws {
    let bench = try TeachingBench()
    let made = try await bench.ask("POST", "/api/courses/", #"{"title": "Latin", "description": "I"}"#)
    #expect(made.status == 201 && made["is_published"] == .bool(false) && made["teacher_id"].int == 1)
    #expect(made[header: "Location"] == "/api/courses/1/" && made[header: "ETag"] == "\"v1\"")
    #expect(made["created_at"].string == "2026-11-01T00:00:00.000Z")
    let changed = try await bench.ask("PATCH", "/api/courses/1/", #"{"title": "Latin II"}"#, at: TeachingBench.now + 5)
    #expect(changed["title"].string == "Latin II" && changed["description"].string == "I")
    #expect(changed["updated_at"].string == "2026-11-01T00:00:00.005Z" && changed[header: "ETag"] == "\"v2\"")
    // What changes nothing is told to nobody.
    let same = try await bench.ask("PATCH", "/api/courses/1/", #"{"title": "Latin II"}"#, at: TeachingBench.now + 9)
    #expect(same[header: "ETag"] == "\"v2\"" && same["updated_at"].string == "2026-11-01T00:00:00.005Z")
    for _ in 0..<2 {
      #expect(try await bench.ask("POST", "/api/courses/1/publish").json?["is_published"] == .bool(true))
    }
    for _ in 0..<2 {
      #expect(try await bench.ask("POST", "/api/courses/1/unpublish/").json?["is_published"] == .bool(false))
    }
    #expect(try await bench.ask("DELETE", "/api/courses/1/").status == 204)
    #expect(try await bench.ask("GET", "/api/courses/1/").code == "COURSE_NOT_FOUND")
    #expect(try await bench.ask("DELETE", "/api/courses/1/").code == "COURSE_NOT_FOUND")
    #expect(
      try await bench.takeEvents() == [
        "1 course_created course_id=1 author_id=1 title=Latin",
        "1 course_updated course_id=1 author_id=1 title=Latin II", "1 course_published course_id=1 author_id=1",
        "1 course_unpublished course_id=1 author_id=1", "1 course_deleted course_id=1 author_id=1",
      ])
    #expect(bench.metrics.exposition().contains("\nteaching_courses_created_total 1\n"))
  }

  /// Each way to change a course, or to look into what is its teacher's.
  private static let changes: [(method: String, path: String, body: String?)] = [
    ("PATCH", "", #"{"title": "X"}"#), ("DELETE", "", nil), ("POST", "publish/", nil), ("POST", "unpublish/", nil),
    ("POST", "decks/", #"{"deck_id": 11}"#), ("POST", "decks/batch/", #"[{"deck_id": 11}]"#),
    ("POST", "decks/reorder/", #"[{"id": 1, "order_index": 4}]"#), ("PATCH", "decks/1/", #"{"order_index": 4}"#),
    ("DELETE", "decks/1/", nil), ("POST", "join_codes/", "{}"), ("GET", "join_codes/", nil),
    ("DELETE", "join_codes/ABCDEFGH", nil), ("POST", "enrollments/batch", #"{"user_ids": [2]}"#),
  ]

  @Test func strangersAreTold404AndWhoSeesIt403() async throws {
    let bench = try TeachingBench()
    let (hidden, open) = (try await bench.course(), try await bench.course(isPublished: true))
    for course in [hidden, open] { _ = try await bench.place(11, in: course) }
    let code = try await bench.code(of: hidden)
    #expect(try await bench.ask("POST", "/api/enrollments/", "{\"join_code\": \"\(code)\"}", by: 3).status == 201)
    _ = try await bench.takeEvents()
    for (method, path, body) in Self.changes {
      func answer(_ course: Int, _ person: Int64?) async throws -> RouterAnswer {
        try await bench.ask(method, "/api/courses/\(course)/\(path)", body, by: person)
      }
      #expect(try await answer(hidden, nil).status == 401, "\(method) \(path)")
      #expect(try await answer(hidden, 2).code == "COURSE_NOT_FOUND", "\(method) \(path)")
      #expect(try await answer(open, 2).code == "COURSE_NOT_YOURS", "\(method) \(path)")
      // Enrolled in it by a code.
      #expect(try await answer(hidden, 3).code == "COURSE_NOT_YOURS", "\(method) \(path)")
      #expect(try await answer(99, 1).code == "COURSE_NOT_FOUND", "\(method) \(path)")
    }
    for path in ["", "decks/", "decks/1/"] {
      func status(_ course: Int, _ person: Int64?, _ isManager: Bool = false) async throws -> Int {
        try await bench.ask("GET", "/api/courses/\(course)/\(path)", by: person, isManager: isManager).status
      }
      #expect(try await status(hidden, nil) == 401)
      #expect(try await status(hidden, 2) == 404)
      #expect(try await status(hidden, 3) == 200)
      #expect(try await status(hidden, 1) == 200)
      #expect(try await status(hidden, 8, true) == 200)
    }
    #expect(try await bench.takeEvents() == [])
    #expect(try await bench.number("SELECT sum(version)::bigint FROM courses") == 2 + 3)
  }

  @Test func onlyManagersHandACourseOver() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let path = "/api/courses/\(course)/"
    #expect(try await bench.ask("PATCH", path, #"{"teacher_id": 2}"#).code == "FORBIDDEN")
    #expect(try await bench.ask("PATCH", path, #"{"teacher_id": 1, "title": "Mine"}"#).status == 200)
    #expect(try await bench.ask("PATCH", path, #"{"teacher_id": 2}"#, by: 2).code == "COURSE_NOT_FOUND")
    #expect(try await bench.ask("POST", "/api/courses/", #"{"title": "T", "teacher_id": 2}"#).status == 422)
    for member in ["id", "version", "is_published", "created_at"] {
      #expect(try await bench.ask("PATCH", path, "{\"\(member)\": 1}").status == 422)
    }
    _ = try await bench.takeEvents()
    let unknown = try await bench.ask("PATCH", path, #"{"teacher_id": 77}"#, by: 8, isManager: true)
    #expect(unknown.code == "TEACHER_UNKNOWN")
    let moved = try await bench.ask("PATCH", path, #"{"teacher_id": 2}"#, by: 8, isManager: true)
    #expect(moved.status == 200 && moved["teacher_id"].int == 2)
    #expect(try await bench.takeEvents() == ["1 course_updated course_id=1 author_id=2 title=Mine"])
    #expect(try await bench.ask("GET", path).status == 404)
    #expect(try await bench.ask("DELETE", path, by: 2).status == 204)
  }

  @Test func whoHasSeenAnOlderStateIsRefused() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    let path = "/api/courses/\(course)/"
    let tag = try #require(try await bench.ask("GET", path)[header: "ETag"])
    #expect(try await bench.ask("GET", path, headers: ["If-None-Match": tag]).status == 304)
    _ = try await bench.place(11, in: course)
    #expect(try await bench.ask("GET", path, headers: ["If-None-Match": tag]).status == 200)
    for (method, path, body) in [
      ("PATCH", path, #"{"title": "X"}"#), ("DELETE", path, nil), ("POST", "\(path)unpublish/", nil),
      ("POST", "\(path)decks/", #"{"deck_id": 13}"#), ("DELETE", "\(path)decks/1/", nil),
    ] as [(String, String, String?)] {
      let answer = try await bench.ask(method, path, body, headers: ["If-Match": tag])
      #expect(answer.status == 412, "\(method) \(path) \(answer.text)")
    }
    let fresh = try #require(try await bench.ask("GET", path)[header: "ETag"])
    #expect(try await bench.ask("PATCH", path, #"{"title": "X"}"#, headers: ["If-Match": fresh]).status == 200)
  }

  @Test func pagesShowWhatTheCallerMaySee() async throws {
    let bench = try TeachingBench()
    var (open, own, hidden): ([Int], [Int], [Int]) = ([], [], [])
    for index in 0..<9 {
      // Three of each at one moment.
      let time = TeachingBench.now + Int64(index / 3)
      open.append(try await bench.course(by: 9, isPublished: true, at: time))
      own.append(try await bench.course(by: 2, at: time))
      hidden.append(try await bench.course(by: 9, at: time))
    }
    let joined = hidden[4]
    try await bench.sql("INSERT INTO enrollments (course_id, user_id, enrolled_at) VALUES (\(joined), 2, now())")
    func all(_ query: String, by person: Int64 = 2, isManager: Bool = false) async throws -> [Int] {
      var (found, cursor): ([Int], String?) = ([], nil)
      repeat {
        let more = cursor.map { "&cursor=\($0)" } ?? ""
        let answer = try await bench.ask(
          "GET", "/api/courses/?limit=4\(query)\(more)", by: person, isManager: isManager)
        #expect(answer.status == 200, "\(answer.text)")
        found += answer.ids()
        cursor = answer[header: "X-Next-Cursor"]
      } while cursor != nil
      return found
    }
    let everything = (open + own + hidden).sorted(by: >)
    #expect(try await all("") == (open + own + [joined]).sorted(by: >))
    #expect(try await all("&is_published=false") == (own + [joined]).sorted(by: >))
    #expect(try await all("&teacher_id=9") == (open + [joined]).sorted(by: >))
    #expect(try await all("&teacher_id=9&is_published=true") == open.reversed())
    #expect(try await all("", by: 7) == open.reversed())
    #expect(try await all("", by: 7, isManager: true) == everything)
    #expect(try await all("&teacher_id=9&is_published=false", by: 7, isManager: true) == hidden.reversed())
    let first = try await bench.ask("GET", "/api/courses/?limit=4", by: 2)
    let cursor = try #require(first[header: "X-Next-Cursor"])
    let other = try await bench.ask("GET", "/api/courses/?limit=4&teacher_id=9&cursor=\(cursor)", by: 2)
    #expect(other.code == "INVALID_CURSOR")
    #expect(try await bench.ask("GET", "/api/courses/", by: nil).status == 401)
  }
}
