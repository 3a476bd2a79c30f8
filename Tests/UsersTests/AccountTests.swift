import CivilTime
import ServiceContract
import Testing
import Users

@Suite struct EmailAddressTests {
  private func objection(_ text: String) -> EmailObjection? {
    do throws(EmailObjection) {
      _ = try EmailAddress(text)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ("Anna.Petrova@Example.ORG", "anna.petrova@example.org"), (" a@b.co\t", "a@b.co"),
    ("o'neil+tag@mail.example.org", "o'neil+tag@mail.example.org"),
    ("x_1-y@xn--e1afmkfd.xn--p1ai", "x_1-y@xn--e1afmkfd.xn--p1ai"),
  ])
  func isNormalised(typed: String, normalised: String) throws {
    let address = try EmailAddress(typed)
    #expect(try address.normalised == normalised && address == EmailAddress(normalised.uppercased()))
    #expect(address.localPart == String(normalised.prefix { $0 != "@" }))
  }

  @Test func whatIsNoneIsRefusedWithTheReason() {
    let cases: [(EmailObjection, [String])] = [
      (.noSingleAt, ["", "@@", "anna", "a@b@c.org", "a\"@\"b@c.org"]),
      (
        .badLocalPart,
        [
          "@b.org", ".a@b.org", "a.@b.org", "a..b@c.org", "a b@c.org", "\"a\"@c.org", "анна@c.org", "a\0@c.org",
          "a\n@c.org",
          "a,b@c.org", "a<b>@c.org", String(repeating: "a", count: 65) + "@c.org", "a\u{301}@c.org",
        ]
      ),
      (
        .badDomain,
        [
          "a@", "a@localhost", "a@b..org", "a@.org", "a@b.org.", "a@-b.org", "a@b-.org", "a@127.0.0.1", "a@[127.0.0.1]",
          "a@пример.рф", "a@b_c.org", "a@b.org\r\nBcc: x", "a@b .org",
          "a@" + String(repeating: "b", count: 64) + ".org",
        ]
      ),
    ]
    for (expected, texts) in cases { for text in texts { #expect(objection(text) == expected, "\(text)") } }
  }

  @Test func twoHundredAndFiftyFourBytesAreTheMost() {
    let labels = Array(repeating: String(repeating: "b", count: 61), count: 3).joined(separator: ".")
    let domain = labels + "." + "org"
    let local = String(repeating: "a", count: 254 - domain.utf8.count - 1)
    #expect(local.count <= 64 && objection("\(local)@\(domain)") == nil)
    #expect(objection("a\(local)@\(domain)") == .tooLong)
    #expect(objection(String(repeating: "@", count: 1 << 20)) == .tooLong)
  }

  @Test func noTextShowsOne() throws {
    let address = try EmailAddress("anna@example.org")
    var dumped = ""
    dump(address, to: &dumped)
    for text in ["\(address)", String(reflecting: address), dumped] { #expect(!text.contains("anna")) }
  }
}

@Suite struct PersonNameTests {
  @Test func isKeptAsWrittenWithoutTheBlanksAroundIt() throws {
    for name in [
      "Анна", "O’Neil", "van der Berg", "José María", "李", "محمد", "नि\u{200D}ता", String(repeating: "я", count: 100),
    ] {
      #expect(try PersonName(" \t\(name)\n\u{a0}").text == name)
    }
    let name = try PersonName("Anna")
    #expect("\(name)" == "•••" && String(reflecting: name) == "•••")
  }

  @Test func whatIsNoneIsRefusedWithTheReason() {
    let cases: [(NameObjection, [String])] = [
      (.empty, ["", " ", "\n\t"]),
      (.tooLong, [String(repeating: "a", count: 101), String(repeating: " ", count: 5000)]),
      (.badCharacter, ["a\0b", "a\nb", "a\u{202E}b", "a\u{200B}b", "a\u{2028}b", "a\u{E000}b", "\u{FEFF}", "a\u{7F}"]),
    ]
    for (expected, texts) in cases {
      for text in texts { #expect(throws: expected, "\(text.debugDescription)") { try PersonName(text) } }
    }
  }
}

@Suite struct ResetCodeTests {
  private let now = Instant(seconds: 1_772_452_800)

  @Test func aCodeIsReadAsItIsWrittenAndAsPeopleTypeIt() throws {
    var texts: Set<String> = []
    for _ in 0..<200 {
      let code = ResetCode()
      texts.insert(code.text)
      #expect(code.text.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{7}(?:-[0-9A-HJKMNP-TV-Z]{5,7}){3}/) != nil, "\(code.text)")
      #expect(ResetCode(typed: code.text) == code && ResetCode(typed: code.text.lowercased()) == code)
      #expect(ResetCode(typed: " " + code.text.replacing("-", with: " ")) == code)
      #expect(ResetCode(typed: code.text.replacing("0", with: "O").replacing("1", with: "l")) == code)
      #expect("\(code)" == "•••")
    }
    #expect(texts.count == 200)
  }

  @Test func whatCannotBeACodeIsNone() {
    let text = ResetCode().text
    let last = String(text.dropLast())
    for wrong in [
      "", last, text + "0", last + "1", last + "U", last + "é", last + "ß", String(repeating: "0", count: 1000), "\0",
    ] {
      #expect(ResetCode(typed: wrong) == nil, "\(wrong)")
    }
  }

  @Test func aGrantIsForOneCodeOnceWithinADay() throws {
    let code = ResetCode()
    let grant = ResetGrant(for: code, at: now)
    #expect(
      grant.digest.count == 32 && ResetGrant(digest: grant.digest, expiresAt: grant.expiresAt, usedAt: nil) == grant)
    let day = 24 * 3600
    func redeem(_ grant: ResetGrant, _ code: ResetCode, after seconds: Int) -> (ResetGrant, ResetGrant.Refusal?) {
      var grant = grant
      do throws(ResetGrant.Refusal) {
        try grant.redeem(code, at: Instant(seconds: now.seconds + seconds))
        return (grant, nil)
      } catch { return (grant, error) }
    }
    #expect(redeem(grant, code, after: day - 1).1 == nil && redeem(grant, code, after: day).1 == .expired)
    let (used, refusal) = redeem(grant, code, after: 5)
    #expect(refusal == nil && used.usedAt == Instant(seconds: now.seconds + 5))
    #expect(redeem(used, code, after: 6).1 == .alreadyUsed)
    for after in [5, day] { #expect(redeem(grant, ResetCode(), after: after).1 == .wrongCode) }
    #expect(redeem(used, ResetCode(), after: 6).1 == .wrongCode, "of a used one, too")
    #expect(redeem(grant, ResetCode(), after: 5).0 == grant, "a wrong code uses nothing up")
  }
}
