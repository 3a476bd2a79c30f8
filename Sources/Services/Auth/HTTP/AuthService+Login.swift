import HTTPService
import HTTPTypes
import ServiceContract

extension AuthService {
  static var newPair: SuccessDeclaration<TokenPair> {
    .json(.created, as: TokenPair.representation, "A new session.", headers: [cookieHeader])
  }

  static var cookieHeader: HeaderDeclaration { HeaderDeclaration(.setCookie, "The refresh token, as refresh_token.") }

  mutating func addLogin() {
    let service = self
    on(
      APIOperation(
        .post, "/api/register", id: "register", "Register, and log in", tag: Self.tag, access: .anyone,
        body: .json(Registration.self), success: Self.newPair,
        failures: [AuthFailures.emailTaken] + AuthFailures.ofUsers + AuthFailures.ofStore)
    ) { call, context in
      let person = try await service.users.register(call.body, context)
      service.metrics.registered.increment()
      // They are registered whatever becomes of the session: a login is all that is missing then.
      return try await service.reply(
        service.openAfterwards(person.id, isManager: person.isManager, call.request.headers, context))
    }
    on(
      APIOperation(
        .post, "/api/login", id: "login", "Log in", tag: Self.tag, access: .anyone, body: .json(Login.self),
        success: Self.newPair,
        failures: [AuthFailures.invalidCredentials, AuthFailures.tooManyLogins] + AuthFailures.ofUsers
          + AuthFailures.ofStore)
    ) { call, context in
      try await service.reply(service.logIn(call.body, call.request.headers, context))
    }
    on(
      APIOperation(
        .post, "/api/password", id: "changePassword", "A new password; all other sessions end", tag: Self.tag,
        access: .person, body: .json(PasswordChange.self),
        success: .json(.ok, as: TokenPair.representation, "A new session.", headers: [Self.cookieHeader]),
        failures: [AuthFailures.oldPasswordWrong, AuthFailures.accountGone, AuthFailures.tooManyLogins]
          + AuthFailures.ofUsers + AuthFailures.ofStore)
    ) { call, context in
      let id = try context.caller.person()
      // Who has stolen an access token must not find out the password by trying.
      let person = try await service.limited(account: "person \(id)", call.request.headers, context) {
        try await service.users.changePassword(of: id, call.body, context)
      }
      return try await service.reply(
        service.openAfterwards(id, isManager: person.isManager, call.request.headers, context))
    }
  }

  /// Verifies a login and opens a session. When sessions were ended since the verification began, as by a change of the
  /// password, it is verified once more.
  private func logIn(_ login: Login, _ headers: HTTPFields, _ context: CallContext) async throws -> SessionPair {
    for _ in 0..<2 {
      let issuedAt = clock()
      let person = try await limited(account: login.email.trimmed, headers, context) {
        try await users.verify(login, context)
      }
      if let pair = try await sessions.open(
        person.id, isManager: person.isManager, from: origin(headers, context), issuedAtMs: issuedAt,
        until: context.deadline)
      {
        metrics.loginsSucceeded.increment()
        return pair
      }
    }
    throw AuthFailures.busy.failure(headers: [.retryAfter: "1"])
  }

  /// Does what a wrong password fails, within the limits.
  private func limited<Value: Sendable>(
    account: String, _ headers: HTTPFields, _ context: CallContext, _ work: () async throws -> Value
  ) async throws -> Value {
    let attempt: LoginLimiter.Attempt
    do {
      attempt = try await limiter.begin(
        account: account, address: ClientAddress(headers, context).network, until: context.deadline)
    } catch let tooMany as LoginLimiter.TooMany {
      metrics.loginsLimited.increment()
      throw tooMany
    }
    do {
      let value = try await work()
      await limiter.forgive(attempt)
      return value
    } catch {
      let code = (error as? RequestFailure)?.code
      if code == AuthFailures.invalidCredentials.code || code == AuthFailures.oldPasswordWrong.code {
        metrics.loginsFailed.increment()
      } else {
        await limiter.forgive(attempt)
      }
      throw error
    }
  }

  /// Opens a session of somebody who has just been verified, whose other sessions may have just been ended.
  func openAfterwards(
    _ person: Int64, isManager: Bool, _ headers: HTTPFields, _ context: CallContext
  ) async throws -> SessionPair {
    for _ in 0..<5 {
      if let pair = try await sessions.open(
        person, isManager: isManager, from: origin(headers, context), issuedAtMs: clock(), until: context.deadline)
      {
        return pair
      }
      // Tokens of up to that millisecond are refused.
      try await Task.sleep(for: .milliseconds(2))
    }
    throw AuthFailures.busy.failure(headers: [.retryAfter: "1"])
  }

  func reply(_ pair: SessionPair) throws -> Reply<TokenPair> {
    let tokens = try issuer.sign(pair, at: clock())
    return Reply(tokens, headers: cookie.header(tokens, at: clock()))
  }

  func origin(_ headers: HTTPFields, _ context: CallContext) -> SessionOrigin {
    let device = (headers[.userAgent] ?? "").unicodeScalars.prefix(200)
    return SessionOrigin(
      device: String(String.UnicodeScalarView(device)), address: ClientAddress(headers, context).text)
  }
}

extension String {
  /// Without blanks around it, which do not make another address.
  fileprivate var trimmed: String {
    var text = drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
