import HTTPService
import ServiceContract

/// Somebody who registers.
struct NewUser: RequestObject {
  struct Fields: FieldSet {
    let name = Field("name", .personName)
    let surname = Field("surname", .personName)
    let email = Field("email", .emailAddress, "Kept in lower case.")
    let password = Field("password", .newPassword, "Kept as typed; not a common one, nor one with the name in it.")
    let timezone = Field(optional: "timezone", .timeZone, "As in a login; not kept.")
  }

  let registration: Registration

  init(_ given: Given<Fields>) {
    registration = Registration(
      name: given.name, surname: given.surname, email: given.email, password: given.password)
  }
}

/// A partial change: what is left out stays.
struct UserChange: RequestObject {
  struct Fields: FieldSet {
    let name = Field(optional: "name", .personName)
    let surname = Field(optional: "surname", .personName)
    let email = Field(optional: "email", .emailAddress, "Asks for old_password.")
    let password = Field(optional: "password", .newPassword, "Asks for old_password, and ends all sessions.")
    let oldPassword = Field(optional: "old_password", .shownPassword)
    let isManager = Field(optional: "is_manager", .flag, "For managers. Who is none any more is logged out everywhere.")
  }

  let change: AccountChange
  let passwords: AccountEditor.Passwords

  init(_ given: Given<Fields>) {
    var change = AccountChange()
    change.name = given.name
    change.surname = given.surname
    change.email = given.email
    change.isManager = given.isManager
    self.change = change
    passwords = AccountEditor.Passwords(new: given.password, old: given.oldPassword)
  }
}

/// What somebody logs in with.
struct Login: RequestObject {
  struct Fields: FieldSet {
    let email = Field("email", .text(1...320))
    let password = Field("password", .shownPassword)
    let timezone = Field(optional: "timezone", .timeZone, "Where the person is.")
  }

  let email: String
  let password: Password
  let timezone: String?

  init(_ given: Given<Fields>) {
    email = given.email
    password = given.password
    timezone = given.timezone
  }
}

/// A new password by a manager's code.
struct NewPassword: RequestObject {
  struct Fields: FieldSet {
    let email = Field("email", .text(1...320))
    let code = Field("code", .text(1...64), "As the manager got it; case, blanks and hyphens do not matter.")
    let newPassword = Field("new_password", .newPassword)
  }

  let email: String
  let code: String
  let password: Password

  init(_ given: Given<Fields>) {
    email = given.email
    code = given.code
    password = given.newPassword
  }
}

struct UserPath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
  }

  let id: Int64

  init(_ given: Given<Fields>) { id = given.id }
}

struct EmailPath: RequestObject {
  struct Fields: FieldSet {
    let email = Field("email", .emailAddress)
  }

  let email: EmailAddress

  init(_ given: Given<Fields>) { email = given.email }
}

struct UserQuery: RequestObject {
  struct Fields: FieldSet {
    let cursor = PageRequest.cursorField
    let limit = PageRequest.limitField
  }

  let cursor: String?
  let limit: Int

  init(_ given: Given<Fields>) {
    cursor = given.cursor
    limit = given.limit
  }
}
