import Blocking
import HTTPServiceTesting
import JSON
import Postgres
import RealServers
import ServiceStore
import Teaching
import Testing

/// What is kept of a person: given to him, and erased.
@Suite struct LeavingTests {
  @Test func anErasedPersonsWordsGoAndNothingElse() async throws {
    let bench = try TeachingBench()
    let open = try await bench.course("Open", isPublished: true)
    let hidden = try await bench.course("Hidden")
    for course in [open, hidden] {
      let body = #"{"description": "my words"}"#
      #expect(try await bench.ask("PATCH", "/api/courses/\(course)/", body).status == 200)
    }
    let others = try await bench.course("Others", by: 9, isPublished: true)
    let id = try await bench.enroll(1, in: others)
    #expect(try await bench.ask("POST", "/api/enrollments/", #"{"join_code": "ABCDEFGH"}"#).status == 404)
    _ = try await bench.takeEvents()
    let erasure = ErasureStore(bench.database, outbox: OutboxWriter())
    for _ in 0..<2 { try erasure.erase(1, at: TeachingBench.now + 5, cancellation: CancellationFlag()) }
    #expect(
      try await bench.takeEvents() == ["\(hidden) course_updated course_id=\(hidden) author_id=1 title=Hidden"])
    func seen(_ course: Int) async throws -> RouterAnswer {
      try await bench.ask("GET", "/api/courses/\(course)/", by: 8, isManager: true)
    }
    #expect(try await seen(open)["description"].string == "my words")
    let left = try await seen(hidden)
    #expect(left["description"].string == "" && left["title"].string == "Hidden" && left["teacher_id"].int == 1)
    #expect(left["updated_at"].string == "2026-11-01T00:00:00.005Z")
    #expect(try await bench.number("SELECT count(*) FROM guesses WHERE user_id = 1") == 0)
    #expect(try await bench.number("SELECT user_id::int FROM enrollments WHERE id = \(id)") == 1)
  }

  @Test func aPersonGetsAllThatIsKept() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course("Latin", isPublished: true)
    let place = try await bench.place(11, in: course)
    let own = try await bench.course("Own", by: 2)
    let id = try await bench.enroll(2, in: course)
    #expect(try await bench.ask("POST", "/api/enrollments/\(id)/decks/\(place)/complete/", by: 2).status == 200)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(id)/", by: 2, at: TeachingBench.now + 5).status == 204)
    let given = try await bench.askInside("/api/internal/export", #"{"user_id": 2}"#)
    #expect(given.status == 200 && given.ids(of: "courses") == [own] && given.ids(of: "enrollments") == [id])
    let enrollment = try #require(given["enrollments"].elements?.first)
    #expect(enrollment["course_title"]?.string == "Latin")
    #expect(enrollment["unenrolled_at"]?.string == "2026-11-01T00:00:00.005Z")
    let deck = try #require(enrollment["completed_decks"]?.elements?.first)
    #expect(deck["deck_id"]?.int == 11 && deck["by_hand"] == .bool(true))
    #expect(try await bench.askInside("/api/internal/export", #"{"user_id": 77}"#).ids(of: "enrollments") == [])
    for isManager in [false, true] {
      let asked = try await bench.ask("POST", "/api/internal/export", #"{"user_id": 2}"#, by: 2, isManager: isManager)
      #expect(asked.code == "FOR_SERVICES_ONLY")
    }
  }

  @Test func aLockedCourseIsBusyForOthers() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    let holder = PostgresConnection(bench.database)
    let asked = try holder.transaction(until: .now + .seconds(20)) { transaction in
      try transaction.run(PostgresStatement(unprepared: "SELECT id FROM courses WHERE id = \(course) FOR UPDATE")())
      let path = "/api/courses/\(course)/"
      let answer = Monitor<RouterAnswer?>(nil)
      Task {
        let got = try? await bench.ask("PATCH", path, #"{"title": "x"}"#)
        answer.withLock { $0 = got }
      }
      #expect(eventually(within: 8) { answer.withLock { $0 != nil } })
      return answer.withLock { $0 }
    }
    #expect(asked?.code == "BUSY")
    #expect(try await bench.ask("PATCH", "/api/courses/\(course)/", #"{"title": "x"}"#).status == 200)
  }
}
