import Blocking
import Testing
import Users

@Suite struct PasswordHasherTests {
  private var soon: ContinuousClock.Instant { .now + .seconds(60) }

  @Test func hashesAreArgon2idOfTheAgreedCost() async throws {
    let hasher = PasswordHasher()
    defer { hasher.close() }
    let password = Password("correct horse battery")
    let (first, second) = (try await hasher.hash(password, until: soon), try await hasher.hash(password, until: soon))
    #expect(first.phc.hasPrefix("$argon2id$v=19$m=9216,t=4,p=1$") && !first.isWeak)
    #expect(first != second, "each has a salt of its own")
    #expect(try await hasher.verify(password, against: first, until: soon) == .right(rehashed: nil))
    #expect(try await hasher.verify(Password("correct horse batterz"), against: first, until: soon) == .wrong)
    #expect(try await hasher.verify(password, against: nil, until: soon) == .wrong, "there is no such user")
    #expect(try await hasher.verify(Password(""), against: first, until: soon) == .wrong)
  }

  /// Kept as typed: nothing trimmed, folded, composed, or cut at a NUL or at a length.
  @Test func everyCharacterCounts() async throws {
    let hasher = PasswordHasher()
    defer { hasher.close() }
    let long = String(repeating: "длинный ", count: 16)
    let pairs = [
      ("before\0after", "before\0afteR"), ("before\0after", "before"), (" blanks ", "blanks"), ("Password", "password"),
      ("caf\u{e9} au lait", "cafe\u{301} au lait"), (long + "1", long + "2"),
    ]
    for (one, other) in pairs {
      let hash = try await hasher.hash(Password(one), until: soon)
      #expect(try await hasher.verify(Password(one), against: hash, until: soon) == .right(rehashed: nil))
      #expect(try await hasher.verify(Password(other), against: hash, until: soon) == .wrong)
    }
  }

  /// Written by the reference implementation (argon2-cffi 25.1.0) with t = 2, m = 1024.
  @Test func aWeakerHashIsRenewedWhenItsPasswordIsRight() async throws {
    let hasher = PasswordHasher()
    defer { hasher.close() }
    let weak = try #require(
      PasswordHash(
        phc: "$argon2id$v=19$m=1024,t=2,p=1$ulQaQKXxrDkkaWBea9ev9w$xabVjM/QWYewvqON2Z+DwfDWY9wiCNzk+iCsXMkB6Fw"))
    #expect(weak.isWeak)
    let verdict = try await hasher.verify(Password("correct horse battery"), against: weak, until: soon)
    guard case .right(let rehashed?) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(rehashed.cost == .current)
    let again = try await hasher.verify(Password("correct horse battery"), against: rehashed, until: soon)
    #expect(again == .right(rehashed: nil))
    #expect(try await hasher.verify(Password("wrong"), against: weak, until: soon) == .wrong)
  }

  /// So it takes as long: nothing else is done for one that exists and a password that is wrong.
  @Test func nobodyIsVerifiedAgainstAHashOfTheSameCost() {
    let (one, other) = (PasswordHash.unmatchable(), PasswordHash.unmatchable())
    #expect(one.cost == .current && one != other)
  }

  @Test(.timeLimit(.minutes(2))) func whatIsTooMuchIsRefusedAtOnce() async throws {
    let hasher = PasswordHasher()
    defer { hasher.close() }
    let deadline = soon
    let outcomes = await withTaskGroup(of: PasswordHasherError?.self) { group in
      for number in 0..<120 {
        group.addTask {
          do throws(PasswordHasherError) {
            _ = try await hasher.verify(Password("wrong \(number)"), against: nil, until: deadline)
            return nil
          } catch { return error }
        }
      }
      return await group.reduce(into: [PasswordHasherError?]()) { $0.append($1) }
    }
    let refused = outcomes.compactMap { $0 }
    #expect(outcomes.count == 120 && !refused.isEmpty && refused.count <= 120 - PasswordHasher.mostWaiting)
    for error in refused {
      guard case .refused(.overloaded(let wait)) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect((.seconds(1) ... .seconds(60)).contains(wait))
    }
    #expect(hasher.load.overloaded == refused.count)
  }

  @Test func aCoreIsLeftToOthersWhereThereIsOne() {
    #expect([1, 2, 3, 4, 64].map { PasswordHasher.threads(cores: $0) } == [1, 1, 2, 2, 2])
  }

  @Test func whoHashesLetsOthersGoFirst() async throws {
    let before = HashingPriority.current
    let found = try await BlockingThread.run("hashing") {
      HashingPriority.assume()
      return HashingPriority.current
    }
    #expect(found.isBatch && found.niceness == max(before.niceness, HashingPriority.niceness))
    #expect(!before.isBatch, "no other thread is touched")
  }

  @Test func aStoppedOneRefuses() async {
    let hasher = PasswordHasher()
    hasher.close()
    await #expect(throws: PasswordHasherError.refused(.closed)) {
      _ = try await hasher.hash(Password("correct horse"), until: soon)
    }
  }
}
