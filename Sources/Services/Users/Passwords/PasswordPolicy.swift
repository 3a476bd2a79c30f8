import Foundation

/// Which passwords are taken.
package struct PasswordPolicy: Sendable {
  /// In Unicode scalars.
  package static let lengths = 8...128
  /// A name shorter than this says nothing when a password contains it.
  static let shortestName = 3

  /// Whose password it is to be.
  package struct Owner: Sendable {
    package let name: String
    package let surname: String
    package let email: String

    package init(name: String, surname: String, email: String) {
      self.name = name
      self.surname = surname
      self.email = email
    }
  }

  private let blocklist: PasswordBlocklist

  package init(blocklist: PasswordBlocklist) {
    self.blocklist = blocklist
  }

  /// What is wrong with the password; nil if nothing is.
  package func objection(to password: Password, of owner: Owner) -> PasswordObjection? {
    if password.length < Self.lengths.lowerBound { return .tooShort }
    if password.length > Self.lengths.upperBound { return .tooLong }
    let text = Self.folded(password.text)
    if blocklist.contains(text) { return .common }
    let parts: [(text: Substring, objection: PasswordObjection)] = [
      (owner.name[...], .containsName), (owner.surname[...], .containsSurname),
      (owner.email.prefix { $0 != "@" }, .containsEmail),
    ]
    for part in parts where Self.contains(text, part.text) { return part.objection }
    return nil
  }

  private static func contains(_ text: String, _ part: Substring) -> Bool {
    let part = folded(part.trimmingCharacters(in: .whitespacesAndNewlines))
    guard part.unicodeScalars.count >= shortestName else { return false }
    return Array(text.utf8).firstRange(of: Array(part.utf8)) != nil
  }

  /// How passwords, names and lists are compared: in lower case, and composed, so that a letter with an accent is one however it
  /// was typed.
  static func folded(_ text: String) -> String { text.lowercased().precomposedStringWithCanonicalMapping }
}

/// Why a password is not taken. None of its characters are in it.
package enum PasswordObjection: Sendable, CaseIterable {
  case tooShort, tooLong, common, containsName, containsSurname, containsEmail

  /// For the person who chose it.
  package var reason: String {
    switch self {
    case .tooShort: "a password needs at least \(PasswordPolicy.lengths.lowerBound) characters"
    case .tooLong: "a password has at most \(PasswordPolicy.lengths.upperBound) characters"
    case .common: "this password is one of those that are tried first; choose another"
    case .containsName: "a password must not contain your name"
    case .containsSurname: "a password must not contain your surname"
    case .containsEmail: "a password must not contain the part of your e-mail address before the @"
    }
  }
}
