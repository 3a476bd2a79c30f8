import Foundation
import Testing
import Users

@Suite struct PasswordPolicyTests {
  private let policy = PasswordPolicy(blocklist: PasswordBlocklist())
  private let owner = PasswordPolicy.Owner(name: "Анна", surname: "Núñez", email: "a.petrova+school@example.org")

  private func objection(_ text: String, _ owner: PasswordPolicy.Owner? = nil) -> PasswordObjection? {
    policy.objection(to: Password(text), of: owner ?? self.owner)
  }

  @Test func lengthsAreInScalars() {
    #expect(objection("abcdefg") == .tooShort && objection("") == .tooShort && objection("абвгдеё") == .tooShort)
    #expect(objection("xkzq vbn") == nil && objection("ъыьэ юяё") == nil)
    let longest = String(repeating: "ъ1", count: 64)
    #expect(objection(longest) == nil && objection(longest + "ъ") == .tooLong)
    #expect(objection("\0\0\0\0\0\0\0\0") == nil, "NUL is a character like all others")
    #expect(objection(String(repeating: "\u{301}", count: 200)) == .tooLong)
  }

  @Test(arguments: ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "1q2w3e4r", "11111111", "football"])
  func whatIsTriedFirstIsRefused(text: String) {
    #expect(objection(text) == .common)
  }

  @Test func namesAndAddressAreRefusedInAnyCase() {
    #expect(objection("xxАННАxx7") == .containsName && objection("анна-и-кот") == .containsName)
    #expect(objection("NÚÑEZ 2026") == .containsSurname && objection("nu\u{301}n\u{303}ez 2026") == .containsSurname)
    #expect(objection("A.Petrova+School!") == .containsEmail)
    #expect(objection("example.org rules") == nil, "only what stands before the @")
  }

  @Test func namesThatSayNothingArePassedOver() {
    let short = PasswordPolicy.Owner(name: "Li", surname: "  ", email: "li@example.org")
    #expect(objection("delicious pie", short) == nil)
    let blank = PasswordPolicy.Owner(name: " Maria ", surname: "", email: "")
    #expect(objection("santa maria 1492", blank) == .containsName)
  }

  @Test func theListInTheBinaryIsLargeAndAllOfItIsFound() throws {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Services/Users/Passwords/CommonPasswords.swift")
    let text = try String(contentsOf: source, encoding: .utf8).split(separator: "#\"\"\"")
    let entries = try #require(text.last).split(whereSeparator: \.isWhitespace).prefix { $0 != "\"\"\"#" }
    #expect(entries.count == 11_609 && PasswordBlocklist().count == entries.count)
    let missed = entries.filter { objection(String($0)) != .common }
    #expect(missed.count == 0, "\(missed.prefix(5))")
    for text in ["password password", "passwor", "passwordq", "\n", "!", "~~~~~~~~~", "password\nqwertyuiop"] {
      #expect(objection(text) != .common, "\(text)")
    }
  }

  @Test func allOfAFileIsFoundAndNothingElse() throws {
    var state: UInt64 = 7
    func entry() -> String {
      String(
        (0..<8 + Int(state % 9)).map { _ -> Character in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return Array("abcxyzя 1é")[Int(state >> 33) % 10]
        })
    }
    let (listed, others) = (Set((0..<2000).map { _ in entry() }), (0..<2000).map { _ in entry() })
    let policy = PasswordPolicy(blocklist: try PasswordBlocklist(adding: Array(listed.joined(separator: "\n").utf8)))
    for text in Array(listed) + others {
      #expect((policy.objection(to: Password(text), of: owner) == .common) == listed.contains(text), "\(text)")
    }
  }

  @Test func aFileAddsToIt() throws {
    let text = "Kartoteka2026\r\n\nshort\nшкольный журнал\nKARTOTEKA2026\n"
    let list = try PasswordBlocklist(adding: Array(text.utf8))
    #expect(list.count == 11_611)
    let policy = PasswordPolicy(blocklist: list)
    for typed in ["kartoteka2026", "KartoTeka2026", "Школьный Журнал", "password"] {
      #expect(policy.objection(to: Password(typed), of: owner) == .common, "\(typed)")
    }
    #expect(policy.objection(to: Password("kartoteka2027"), of: owner) == nil)
    #expect(try PasswordBlocklist(adding: []).count == 11_609)
    #expect(throws: PasswordBlocklistError.notUTF8(line: 2)) {
      try PasswordBlocklist(adding: Array("12345678\n".utf8) + [0xff, 0xfe])
    }
  }
}
