import Testing
import Users

@Suite struct PasswordTests {
  @Test func noTextShowsOne() {
    let secret = "correct horse"
    let password = Password(secret)
    var dumped = ""
    dump(password, to: &dumped)
    let texts = [
      "\(password)", String(reflecting: password), dumped, String(describing: [password]),
      String(describing: Optional(password)),
    ]
    for text in texts { #expect(!text.contains("horse") && text.contains("•••"), "\(text)") }
    #expect(!Mirror(reflecting: password).children.contains { "\($0.value)".contains("horse") })
    for objection in PasswordObjection.allCases { #expect(!objection.reason.contains("horse")) }
  }

  @Test func unicodeScalarsAreCounted() {
    #expect(Password("пароль12").length == 8)
    #expect(Password("e\u{301}").length == 2 && Password("\u{e9}").length == 1)
    #expect(Password("👨‍👩‍👧‍👦").length == 7)
    #expect(Password("a\0b").length == 3 && Password("").length == 0)
  }
}

@Suite struct PasswordHashTests {
  private let salt = "c29tZXNhbHRzb21lc2FsdA"
  private let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

  @Test func onlyStringsOfArgon2idAreRead() throws {
    let good = "$argon2id$v=19$m=9216,t=4,p=1$\(salt)$\(digest)"
    let hash = try #require(PasswordHash(phc: good))
    #expect(hash.phc == good && hash.cost == .current && !hash.isWeak && "\(hash)" == "•••")
    var dumped = ""
    dump(hash, to: &dumped)
    #expect(!dumped.contains("argon2id"))
    let wrong = [
      "", "$", "$$$$$", String(good.dropFirst()), good + "$", good + "\0", good + "\n", "x" + good,
      good.replacing("argon2id", with: "argon2i"), good.replacing("v=19", with: "v=16"),
      good.replacing("p=1", with: "p=2"), good.replacing("m=9216", with: "m=0"),
      good.replacing("m=9216", with: "m=4194304"), good.replacing("m=9216", with: "m=99999999999999999999"),
      good.replacing("t=4", with: "t=0"), good.replacing("t=4", with: "t=1000000"), good.replacing("t=4", with: "t=-4"),
      good.replacing(digest, with: ""), good.replacing(digest, with: "é"), good.replacing(salt, with: "a b"),
      good.replacing(digest, with: digest + digest + digest), "$2b$12$abcdefghijklmnopqrstuv",
    ]
    for text in wrong { #expect(PasswordHash(phc: text) == nil, "\(text)") }
  }

  @Test func whatCostsLessIsWeak() throws {
    for (cost, isWeak) in [("m=9216,t=4", false), ("m=9216,t=3", true), ("m=8192,t=4", true), ("m=65536,t=4", false)] {
      let hash = try #require(PasswordHash(phc: "$argon2id$v=19$\(cost),p=1$\(salt)$\(digest)"))
      #expect(hash.isWeak == isWeak, "\(cost)")
    }
  }
}
