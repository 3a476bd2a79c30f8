import HTTPServiceTesting
import JSON
import Loopback
import Testing

@Suite struct BatchTests {
  @Test func everyLineHasItsResult() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course(isPublished: true)
    let there = try await bench.enroll(3, in: course)
    let left = try await bench.enroll(4, in: course)
    #expect(try await bench.ask("DELETE", "/api/enrollments/\(left)/", by: 4).status == 204)
    _ = try await bench.takeEvents()
    let path = "/api/courses/\(course)/enrollments/batch"
    let answer = try await bench.ask(
      "POST", path,
      #"{"emails": [" Anna@Example.org", "nobody@example.org", "boris@example.org"], "user_ids": [2, 4, 77]}"#)
    #expect(answer.status == 200, "\(answer.text)")
    let results = ["enrolled", "unknown", "already_enrolled", "repeated", "enrolled", "unknown"]
    #expect(answer.each("result").map(\.string) == results)
    #expect(
      answer.each("email").map(\.string) == [" Anna@Example.org", "nobody@example.org", "boris@example.org"] + [
        nil, nil, nil,
      ])
    #expect(answer.each("user_id").map(\.int) == [nil, nil, nil, 2, 4, 77])
    let anna = try #require(answer.each("enrollment_id")[0].int)
    #expect(answer.each("enrollment_id").map(\.int) == [anna, nil, there, anna, left, nil])
    #expect(
      try await bench.takeEvents() == [
        "\(anna) course_enrolled enrollment_id=\(anna) course_id=\(course) user_id=2",
        "\(left) course_enrolled enrollment_id=\(left) course_id=\(course) user_id=4",
      ])
    let again = try await bench.ask("POST", path, #"{"user_ids": [2, 4]}"#)
    #expect(again.each("result").map(\.string) == ["already_enrolled", "already_enrolled"])
    #expect(try await bench.takeEvents() == [])
    // Names stay where they are.
    #expect(!answer.text.contains("Petrova"))
  }

  @Test func batchesSideBySideMeetOnce() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let results = try await withThrowingTaskGroup(of: [String?].self) { group in
      for ids in ["[2, 3, 4]", "[4, 3, 2]", "[3, 4, 2]", "[2, 4, 3]"] {
        group.addTask {
          try await bench.ask("POST", "/api/courses/\(course)/enrollments/batch", "{\"user_ids\": \(ids)}")
            .each("result").map(\.string)
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(results.filter { $0 == "enrolled" }.count == 3 && results.filter { $0 == "already_enrolled" }.count == 9)
    #expect(try await bench.takeEvents().filter { $0.contains("course_enrolled") }.count == 3)
  }

  /// Who makes a course does not find out by it who is registered.
  @Test func whoTriesAddressesIsStopped() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    let addresses = (0..<150).map { "\"x\($0)@example.org\"" }.joined(separator: ",")
    let body = "{\"emails\": [\"anna@example.org\", \(addresses)]}"
    let path = "/api/courses/\(course)/enrollments/batch"
    #expect(try await bench.ask("POST", path, body).status == 200)
    let refused = try await bench.ask("POST", path, body)
    #expect(
      refused.code == "TOO_MANY_GUESSES" && refused[header: "Retry-After"] != nil && !refused.text.contains("anna"))
    #expect(try await bench.ask("POST", path, #"{"user_ids": [3]}"#).status == 200)
    #expect(try await bench.ask("POST", path, body, by: 8, isManager: true).status == 200)
  }

  @Test func withoutUsersNobodyIsEnrolled() async throws {
    let bench = try TeachingBench(users: [])
    let course = try await bench.course()
    let answer = try await bench.ask(
      "POST", "/api/courses/\(course)/enrollments/batch", #"{"emails": ["anna@example.org"]}"#)
    #expect(answer.status == 503 && answer.code == "DEPENDENCY_UNAVAILABLE")
    #expect(try await bench.number("SELECT count(*) FROM enrollments") == 0)
    let moved = try await bench.ask("PATCH", "/api/courses/\(course)/", #"{"teacher_id": 2}"#, by: 8, isManager: true)
    #expect(moved.status == 503)
  }

  /// What users is asked.
  @Test func peopleAreAskedForOnceEach() async throws {
    let bench = try TeachingBench()
    let course = try await bench.course()
    _ = try await bench.ask(
      "POST", "/api/courses/\(course)/enrollments/batch",
      #"{"emails": ["B@x.org ", "a@x.org", "b@x.org"], "user_ids": [3, 2, 3]}"#)
    let bodies = bench.users.requests.compactMap { $0.split(separator: "\r\n\r\n").last.map(String.init) }
    #expect(bodies == [#"{"emails":["a@x.org","b@x.org"]}"#, #"{"user_ids":[2,3]}"#])
    #expect(bench.users.requests.allSatisfy { $0.contains("X-Service-Name: teaching\r\n") })
  }
}
