import HTTPService
import JSON

/// How what people say of themselves is written in a request; refused there with the reason.
extension Form where Value == EmailAddress {
  static var emailAddress: Form {
    let rule = TextRule(format: "email", demand: "must be an e-mail address such as anna@example.org") {
      (try? EmailAddress($0)) != nil
    }
    // Longer than an address may be, since blanks around it are dropped.
    return Form(.text(TextSchema(3...EmailAddress.longest + 32, rule: rule))) { value in
      guard case .string(let text) = value, let address = try? EmailAddress(text) else {
        preconditionFailure("converted is what the rule holds for")
      }
      return address
    }
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
