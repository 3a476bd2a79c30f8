import HTTPService
import JSON

/// How what people say of themselves is written in a request; refused there with the reason.
extension Form where Value == EmailAddress {
  static var emailAddress: Form {
    // Longer than an address may be, since blanks around it are dropped.
    .account(3...EmailAddress.longest + 32, "must be an e-mail address such as anna@example.org", format: "email") {
      try? EmailAddress($0)
    }
  }
}

extension Form where Value == PersonName {
  static var personName: Form {
    let lengths = PersonName.lengths
    return .account(
      lengths.lowerBound...lengths.upperBound + 32,
      "must be \(lengths.lowerBound) to \(lengths.upperBound) characters without line breaks and invisible marks"
    ) { try? PersonName($0) }
  }
}

extension Form where Value == Password {
  /// One to be set. Whether it is easily guessed is another question.
  static var newPassword: Form { .password(PasswordPolicy.lengths) }
  /// One to be compared, whatever it is.
  static var shownPassword: Form { .password(1...1024) }

  /// Kept as typed.
  private static func password(_ lengths: ClosedRange<Int>) -> Form {
    Form(.text(TextSchema(lengths))) { value in
      guard case .string(let text) = value else { preconditionFailure("the schema is of strings") }
      return Password(text)
    }
  }
}

extension Form {
  fileprivate static func account(
    _ lengths: ClosedRange<Int>, _ demand: String, format: String? = nil,
    _ read: @escaping @Sendable (String) -> Value?
  ) -> Form {
    let rule = TextRule(format: format, demand: demand) { read($0) != nil }
    return Form(.text(TextSchema(lengths, rule: rule))) { value in
      guard case .string(let text) = value, let read = read(text) else {
        preconditionFailure("converted is what the rule holds for")
      }
      return read
    }
  }
}
