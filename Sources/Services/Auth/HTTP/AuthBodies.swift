import HTTPService
import ServiceContract

/// Somebody who registers. What may stand in it is what the users service takes.
struct Registration: RequestObject {
  struct Fields: FieldSet {
    let name = Field("name", .personName)
    let surname = Field("surname", .personName)
    let email = Field("email", .text(3...254, .email), "Kept in lower case.")
    let password = Field("password", .text(8...128), "Kept as typed; not a common one, nor one with the name in it.")
    let timezone = Field(optional: "timezone", .timeZone, "As in a login.")
  }

  let name: PersonName
  let surname: PersonName
  let email: String
  let password: String
  let timezone: String?

  init(_ given: Given<Fields>) {
    name = given.name
    surname = given.surname
    email = given.email
    password = given.password
    timezone = given.timezone
  }
}

struct Login: RequestObject {
  struct Fields: FieldSet {
    let email = Field("email", .text(1...320))
    let password = Field("password", .text(1...1024))
    let timezone = Field(optional: "timezone", .timeZone, "Where the person is, as Europe/Moscow.")
  }

  let email: String
  let password: String
  let timezone: String?

  init(_ given: Given<Fields>) {
    email = given.email
    password = given.password
    timezone = given.timezone
  }
}

struct PasswordChange: RequestObject {
  struct Fields: FieldSet {
    let oldPassword = Field("old_password", .text(1...1024))
    let newPassword = Field("new_password", .text(8...128))
  }

  let oldPassword: String
  let newPassword: String

  init(_ given: Given<Fields>) {
    oldPassword = given.oldPassword
    newPassword = given.newPassword
  }
}

/// For clients without cookies.
struct RefreshRequest: RequestObject {
  struct Fields: FieldSet {
    let refresh = Field("refresh", .text(1...4096))
  }

  let refresh: String

  init(_ given: Given<Fields>) { refresh = given.refresh }
}

struct LogoutRequest: RequestObject {
  struct Fields: FieldSet {
    let all = Field("all", .flag, default: .bool(false), "All sessions end; who asks gets a new one.")
    let refresh = Field(optional: "refresh", .text(1...4096), "For clients without cookies.")
  }

  let all: Bool
  let refresh: String?

  init(_ given: Given<Fields>) {
    all = given.all
    refresh = given.refresh
  }
}

/// Of another service.
struct RevokeRequest: RequestObject {
  struct Fields: FieldSet {
    let userID = Field("user_id", .id)
  }

  let userID: Int64

  init(_ given: Given<Fields>) { userID = given.userID }
}

struct SessionPath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .text(1...64))
  }

  let id: String

  init(_ given: Given<Fields>) { id = given.id }
}

extension TokenPair {
  static let representation = Representation<TokenPair>.object(
    "Tokens",
    [
      .init("access", .text, "Shown with each request, as `Authorization: Bearer`; good for 15 minutes.") { $0.access },
      .init("refresh", .text, "Exchanged for a new pair; good for 5 days.") { $0.refresh },
    ])

  /// After a logout, which leaves a pair only where all sessions were ended.
  static let afterLogout = Representation<TokenPair?>.object(
    "AfterLogout",
    [
      .init("access", .nullable(.text)) { $0?.access },
      .init("refresh", .nullable(.text)) { $0?.refresh },
    ])
}
