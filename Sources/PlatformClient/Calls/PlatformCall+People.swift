import JSON

/// Who one is: `/auth/…` and `/users/…`.
extension PlatformCall where Answer == PlatformTokens {
  package static func register(_ account: PersonAccount) -> PlatformCall {
    PlatformCall(.register, .post, "/auth/register", body: account.body) { answer throws(PlatformError) in
      try PlatformTokens(answer)
    }
  }

  /// - Parameter timezone: of the IANA database; nil leaves it unsaid.
  package static func login(email: String, password: String, timezone: String? = nil) -> PlatformCall {
    var members: [(String, JSONValue)] = [("email", .string(email)), ("password", .string(password))]
    if let timezone { members.append(("timezone", .string(timezone))) }
    return PlatformCall(.login, .post, "/auth/login", body: .members(members)) { answer throws(PlatformError) in
      try PlatformTokens(answer)
    }
  }

  package static func refresh(_ tokens: PlatformTokens) -> PlatformCall {
    let body = JSONValue.members([("refresh", .string(tokens.refresh))])
    return PlatformCall(.refresh, .post, "/auth/refresh", body: body) { answer throws(PlatformError) in
      try PlatformTokens(answer)
    }
  }
}

extension PlatformCall where Answer == PersonRecord {
  package static var me: PlatformCall {
    PlatformCall(.me, .get, "/auth/me") { answer throws(PlatformError) in try PersonRecord(answer) }
  }

  /// For managers: registers somebody else.
  package static func addUser(_ account: PersonAccount) -> PlatformCall {
    PlatformCall(.addUser, .post, "/users/users", body: account.body) { answer throws(PlatformError) in
      try PersonRecord(answer)
    }
  }

  /// For managers.
  package static func makeManager(_ id: Int64) -> PlatformCall {
    PlatformCall(.changeUser, .patch, "/users/users/\(id)", body: .members([("is_manager", .bool(true))])) {
      answer throws(PlatformError) in try PersonRecord(answer)
    }
  }
}

extension PersonAccount {
  fileprivate var body: JSONValue {
    .members([
      ("name", .string(name)), ("surname", .string(surname)), ("email", .string(email)),
      ("password", .string(password)),
    ])
  }
}
