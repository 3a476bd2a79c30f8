import HTTPServiceTesting
import Postgres
import RealServers
import Testing

@Suite struct ResetTests {
  private static let newPassword = "another long passphrase"

  private func code(_ bench: UsersBench, for id: Int64) async throws -> String {
    let answer = try await bench.ask("POST", "/api/users/\(id)/reset_code", as: .manager(99))
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer.string("code"))
  }

  private func redeem(
    _ bench: UsersBench, _ code: String, email: String = "anna@example.org", password: String = newPassword
  ) async throws -> RouterAnswer {
    try await bench.ask(
      "POST", "/api/reset_password",
      #"{"email": "\#(email)", "code": "\#(code)", "new_password": "\#(password)"}"#, as: .nobody)
  }

  @Test func aCodeSetsAPasswordOnce() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let code = try await code(bench, for: id)
      #expect(try admin.number("SELECT count(*) FROM reset_codes WHERE encode(digest, 'escape') LIKE '%\(code)%'") == 0)
      #expect(try await redeem(bench, code.lowercased(), email: " ANNA@example.org ").status == 204)
      #expect(bench.sessions.ended == [id])
      #expect(try await bench.verify("anna@example.org").status == 401)
      #expect(try await bench.verify("anna@example.org", Self.newPassword).status == 200)
      let again = try await redeem(bench, code, password: "a third passphrase")
      #expect(again.status == 403 && again.code == "RESET_REFUSED")
      #expect(try await bench.verify("anna@example.org", Self.newPassword).status == 200)
    }
  }

  @Test func whatIsWrongIsNotTold() async throws {
    try await UsersBench.run { bench, admin in
      let (anna, boris) = (try await bench.person("anna@example.org"), try await bench.person("boris@example.org"))
      let foreign = try await code(bench, for: boris)
      var texts: Set<String> = []
      func refused(_ answer: RouterAnswer) {
        #expect(answer.status == 403, "\(answer.text)")
        texts.insert(answer.text.replacing(/"request_id":"[^"]*"/, with: ""))
      }
      refused(try await redeem(bench, foreign))
      refused(try await redeem(bench, foreign, email: "nobody@example.org"))
      refused(try await redeem(bench, "no code"))
      let first = try await code(bench, for: anna)
      let second = try await code(bench, for: anna)
      refused(try await redeem(bench, first))
      bench.clock.advance(.seconds(86_400))
      refused(try await redeem(bench, second))
      // Before the code is known to be right, nothing is said of the password.
      refused(try await redeem(bench, foreign, password: "anna anna anna"))
      #expect(texts.count == 1, "\(texts)")
      #expect(bench.sessions.ended.isEmpty)
      #expect(try await bench.verify("anna@example.org").status == 200)
    }
  }

  @Test func triesAreCounted() async throws {
    try await UsersBench.run { bench, admin in
      let (anna, boris) = (try await bench.person("anna@example.org"), try await bench.person("boris@example.org"))
      let wrong = try await code(bench, for: boris)
      let right = try await code(bench, for: anna)
      // A password that is not taken uses nothing up.
      for _ in 0..<12 {
        let weak = try await redeem(bench, right, password: "petrova petrova")
        #expect(weak.status == 422 && weak.details.first?.hasPrefix("new_password: ") == true, "\(weak.text)")
      }
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 { group.addTask { try await redeem(bench, wrong).status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 403, count: 20))
      #expect(try admin.number("SELECT tries FROM reset_codes WHERE user_id = \(anna)") == 10)
      #expect(try await redeem(bench, right).status == 403, "tried too often")
      #expect(try await redeem(bench, code(bench, for: anna)).status == 204, "another one")
    }
  }

  @Test func ofManyAtOnceOneUsesTheCode() async throws {
    try await UsersBench.run { bench, admin in
      let id = try await bench.person("anna@example.org")
      let code = try await code(bench, for: id)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<8 {
          group.addTask { try await redeem(bench, code, password: "passphrase number \(number)").status }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.sorted() == [204] + Array(repeating: 403, count: 7), "\(statuses)")
      #expect(try admin.number("SELECT password_version FROM users") == 2)
    }
  }

  @Test func whereSessionsCannotBeEndedTheCodeStaysGood() async throws {
    try await UsersBench.run { bench, _ in
      let id = try await bench.person("anna@example.org")
      let code = try await code(bench, for: id)
      bench.sessions.fail(true)
      #expect(try await redeem(bench, code).status == 503)
      #expect(try await bench.verify("anna@example.org").status == 200)
      bench.sessions.fail(false)
      #expect(try await redeem(bench, code).status == 204)
    }
  }
}
