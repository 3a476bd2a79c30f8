/// Whom to register, or to log in as.
package struct PersonAccount: Sendable, CustomStringConvertible, CustomReflectable {
  package let name: String
  package let surname: String
  package let email: String
  package let password: String

  package init(name: String, surname: String, email: String, password: String) {
    self.name = name
    self.surname = surname
    self.email = email
    self.password = password
  }

  /// Without the password and the address.
  package var description: String { "\(name) \(surname)" }
  package var customMirror: Mirror { Mirror(self, children: ["name": name, "surname": surname]) }
}

/// A person as the platform shows him.
package struct PersonRecord: Sendable, Equatable {
  package let id: Int64
  package let isManager: Bool

  init(_ answer: AnswerValue) throws(PlatformError) {
    id = try answer.member("id").id()
    isManager = try answer.member("is_manager").flag()
  }
}
