import HTTPServiceTesting
import JSON
import Testing

@Suite struct EnrollmentTests {
  @Test func oneEnrolsOnceLeavesAndComesBack() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course("Latin", isPublished: true)
    let place = try await bench.place(11, in: course)
    _ = try await bench.takeEvents()
    let body = "{\"course\": \(course)}"
    let first = try await bench.ask("POST", "/api/enrollments/", body, by: 2)
    #expect(first.status == 201 && first["user_id"].int == 2 && first["course_title"].string == "Latin")
    #expect(first["completed_at"] == .null && first["enrolled_at"].string == "2026-11-01T00:00:00.000Z")
    let id = try #require(first["id"].int)
    #expect(try await bench.ask("POST", "/api/enrollments/", body, by: 2).code == "ALREADY_ENROLLED")
    let done = try await bench.ask("POST", "/api/enrollments/\(id)/decks/\(place)/complete/", by: 2)
    #expect(done["completed_at"].string == "2026-11-01T00:00:00.000Z")

    #expect(try await bench.ask("DELETE", "/api/enrollments/\(id)/", by: 2, at: TeachingBench.now + 7).status == 204)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(id)/", by: 2).code == "ENROLLMENT_NOT_FOUND")
    #expect(try await bench.ask("GET", "/api/enrollments/", by: 2).ids() == [])
    #expect(try await bench.ask("POST", "/api/enrollments/\(id)/decks/\(place)/complete/", by: 2).status == 404)
    let again = try await bench.ask("POST", "/api/enrollments/", body, by: 2, at: TeachingBench.now + 9)
    #expect(again.status == 201 && again["id"].int == id && again["enrolled_at"].string == "2026-11-01T00:00:00.009Z")
    #expect(again["completed_at"] == done["completed_at"])
    #expect(
      try await bench.takeEvents() == [
        "\(id) course_enrolled enrollment_id=\(id) course_id=\(course) user_id=2",
        "\(course) course_progress_updated course_id=\(course) user_id=2 deck_id=11 progress_percent=100.0",
        "\(id) course_completed enrollment_id=\(id) course_id=\(course) user_id=2",
        "\(id) course_unenrolled enrollment_id=\(id) course_id=\(course) user_id=2",
        "\(id) course_enrolled enrollment_id=\(id) course_id=\(course) user_id=2",
      ])
    #expect(bench.metrics.exposition().contains("\nteaching_enrollments_created_total 2\n"))
  }

  @Test func nobodyEntersWhatIsNotPublished() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let body = "{\"course\": \(course)}"
    #expect(try await bench.ask("POST", "/api/enrollments/", body, by: 2).code == "COURSE_NOT_FOUND")
    #expect(try await bench.ask("POST", "/api/enrollments/", #"{"course": 99}"#, by: 2).code == "COURSE_NOT_FOUND")
    #expect(try await bench.ask("POST", "/api/enrollments/", body, by: 1).code == "COURSE_NOT_PUBLISHED")
    #expect(try await bench.ask("POST", "/api/enrollments/", body, by: nil).status == 401)
    #expect(try await bench.ask("POST", "/api/courses/\(course)/publish/").status == 200)
    let id = try await bench.enroll(2, in: course)
    #expect(try await bench.ask("POST", "/api/courses/\(course)/unpublish/").status == 200)
    // Who is in it stays in it; who has left has not been there.
    #expect(try await bench.ask("GET", "/api/courses/\(course)/", by: 2).status == 200)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(id)/", by: 2).status == 204)
    #expect(try await bench.ask("GET", "/api/courses/\(course)/", by: 2).status == 404)
    #expect(try await bench.ask("POST", "/api/enrollments/", body, by: 2).code == "COURSE_NOT_FOUND")
  }

  @Test func aRepeatedRequestGetsTheFirstReply() async throws {
    let bench = try TeachingBench()
    let (course, other) = (try await bench.course(isPublished: true), try await bench.course(isPublished: true))
    let key = ["Idempotency-Key": "k1"]
    func enroll(_ course: Int, by person: Int64 = 2) async throws -> RouterAnswer {
      try await bench.ask("POST", "/api/enrollments/", "{\"course\": \(course)}", by: person, headers: key)
    }
    let first = try await enroll(course)
    let second = try await enroll(course)
    #expect(first.status == 201 && second.status == 201 && first.text == second.text)
    #expect(try await enroll(other).code == "IDEMPOTENCY_KEY_REUSED")
    #expect(try await enroll(other, by: 3).status == 201)
    #expect(try await bench.takeEvents().filter { $0.contains("course_enrolled") }.count == 2)
    #expect(bench.metrics.exposition().contains("\nteaching_enrollments_created_total 2\n"))
  }

  @Test func oneSeesOnesOwnAndThoseOneTeaches() async throws {
    let bench = try TeachingBench()
    let (mine, others) = (
      try await bench.course(by: 1, isPublished: true), try await bench.course(by: 9, isPublished: true)
    )
    var (inMine, inOthers): ([Int], [Int]) = ([], [])
    for person in 2...6 {
      inMine.append(try await bench.enroll(Int64(person), in: mine, at: TeachingBench.now + Int64(person / 2)))
      inOthers.append(try await bench.enroll(Int64(person), in: others, at: TeachingBench.now + Int64(person / 2)))
    }
    let own = try await bench.enroll(1, in: others, at: TeachingBench.now + 50)
    func all(_ query: String = "", by person: Int64, isManager: Bool = false) async throws -> [Int] {
      var (found, cursor): ([Int], String?) = ([], nil)
      repeat {
        let more = cursor.map { "&cursor=\($0)" } ?? ""
        let answer = try await bench.ask(
          "GET", "/api/enrollments/?limit=2\(query)\(more)", by: person, isManager: isManager)
        #expect(answer.status == 200, "\(answer.text)")
        found += answer.ids()
        cursor = answer[header: "X-Next-Cursor"]
      } while cursor != nil
      return found
    }
    #expect(try await all(by: 1) == [own] + inMine.reversed())
    #expect(try await all(by: 4) == [inOthers[2], inMine[2]])
    #expect(try await all("&course=\(mine)", by: 4) == [inMine[2]])
    #expect(try await all("&course=\(others)", by: 1) == [own])
    #expect(try await all(by: 9) == [own] + inOthers.reversed())
    #expect(try await all(by: 7) == [])
    #expect(try await all("&course=\(mine)", by: 8, isManager: true) == inMine.reversed())
    #expect(try await all(by: 8, isManager: true).count == 11)

    // What is another's is not there, but for who teaches him.
    for (method, path) in [("DELETE", ""), ("POST", "decks/1/complete/")] {
      let answer = try await bench.ask(method, "/api/enrollments/\(inMine[0])/\(path)", by: 5)
      #expect(answer.code == "ENROLLMENT_NOT_FOUND")
    }
    let place = try await bench.place(11, in: mine)
    let complete = "/api/enrollments/\(inMine[0])/decks/\(place)/complete/"
    #expect(try await bench.ask("POST", complete, by: 1).code == "ENROLLMENT_NOT_YOURS")
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(inMine[0])/", by: 1).status == 204)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(inMine[1])/", by: 8, isManager: true).status == 204)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(inOthers[1])/", by: 1).status == 404)
  }

  @Test func aCourseIsCompletedOnceAndForGood() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    let places = [try await bench.place(11, in: course), try await bench.place(12, in: course)]
    let id = try await bench.enroll(2, in: course)
    _ = try await bench.takeEvents()
    func complete(_ place: Int, at time: Int64) async throws -> RouterAnswer {
      try await bench.ask(
        "POST", "/api/enrollments/\(id)/decks/\(place)/complete/", by: 2, at: TeachingBench.now + time)
    }
    #expect(try await complete(places[0], at: 1)["completed_at"] == .null)
    #expect(try await complete(places[0], at: 2)["completed_at"] == .null)
    let done = try await complete(places[1], at: 3)
    #expect(done["completed_at"].string == "2026-11-01T00:00:00.003Z")
    let third = try await bench.place(13, in: course)
    #expect(try await complete(third, at: 4)["completed_at"] == done["completed_at"])
    #expect(try await complete(999, at: 5).code == "COURSE_DECK_NOT_FOUND")
    let other = try await bench.course()
    #expect(try await complete(try await bench.place(11, in: other), at: 6).code == "COURSE_DECK_NOT_FOUND")
    let events = try await bench.takeEvents()
    #expect(events.filter { $0.contains("course_progress_updated") }.count == 3)
    #expect(events.filter { $0.contains("course_completed") }.count == 1)
  }
}
