import HTTPServiceTesting
import Testing

@Suite struct AuthLoginLimitTests {
  private static func address() -> String {
    "10.\(Int.random(in: 0...255)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
  }

  /// The same for an account that there is and one that there is not.
  @Test(arguments: [true, false]) func anAccountIsTriedSoOften(exists: Bool) async throws {
    let bench = try await AuthBench(failuresPerAccount: 5)
    defer { bench.stop() }
    let person = bench.person()
    let email = exists ? person.email : "x\(person.email)"
    for number in 0..<5 {
      // Case and blanks do not make another account, nor does another address.
      let written = [email, email.uppercased(), " \(email) "][number % 3]
      #expect(try await bench.tryLogin(written, "wrong", from: Self.address()).status == 401)
    }
    let refused = try await bench.tryLogin(email, person.password, from: Self.address())
    #expect(refused.status == 429 && refused.code == "TOO_MANY_LOGINS")
    let wait = try #require(refused[header: "Retry-After"].flatMap { Int($0) })
    #expect((800...900).contains(wait))
    #expect(bench.users.count("POST /api/verify_user") == 5, "no hash is spent on it")
    #expect(bench.metrics.exposition().contains("\nauth_logins_limited_total 1\n"))
    let other = bench.person()
    #expect(try await bench.tryLogin(other.email, other.password).status == 201)
  }

  /// All at once is no way around.
  @Test func manyAtOnce() async throws {
    let bench = try await AuthBench(failuresPerAccount: 5)
    defer { bench.stop() }
    let person = bench.person()
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<30 { group.addTask { try await bench.tryLogin(person.email, "wrong").status } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses.count { $0 == 401 } == 5 && statuses.count { $0 == 429 } == 25, "\(statuses)")
  }

  @Test func whatSucceedsDoesNotCount() async throws {
    let bench = try await AuthBench(failuresPerAccount: 3)
    defer { bench.stop() }
    let person = bench.person()
    for _ in 0..<2 { #expect(try await bench.tryLogin(person.email, "wrong").status == 401) }
    for _ in 0..<10 { #expect(try await bench.tryLogin(person.email, person.password).status == 201) }
    #expect(try await bench.tryLogin(person.email, "wrong").status == 401)
    #expect(try await bench.tryLogin(person.email, person.password).status == 429)
  }

  @Test func anAddressTriesSoOften() async throws {
    let bench = try await AuthBench(failuresPerAddress: 4)
    defer { bench.stop() }
    let address = Self.address()
    for _ in 0..<4 { #expect(try await bench.tryLogin(bench.person().email, "wrong", from: address).status == 401) }
    let person = bench.person()
    #expect(try await bench.tryLogin(person.email, person.password, from: address).status == 429)
    // What a client says of where it comes from stands before what its proxy says, and is not believed.
    #expect(
      try await bench.tryLogin(person.email, person.password, from: "1.1.1.1, \(address), 10.9.9.9").status == 429)
    #expect(try await bench.tryLogin(person.email, person.password, from: Self.address()).status == 201)
  }

  /// Without the gateway's secret, `X-Forwarded-For` says nothing: all such requests are of one address, the peer's.
  @Test func addressesAreTheGatewaysToTell() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let body = #"{"email":"\#(person.email)","password":"\#(person.password)"}"#
    let address = Self.address()
    let tokens = try AuthBench.tokens(
      try await bench.direct("POST", "/api/login", body, headers: ["X-Forwarded-For": address]))
    let list = try await bench.send("GET", "/api/sessions", as: person, with: tokens)
    #expect(list.text.contains(#""address":"unknown""#) && !list.text.contains(address))
  }
}
