import HTTPService
import HTTPTypes
import ServiceContract

extension AuthService {
  mutating func addLogout() {
    let service = self
    on(
      APIOperation(
        .post, "/api/logout", id: "logout", "Log out", tag: Self.tag, access: .anyone,
        body: .optionalJSON(.object(LogoutRequest.self)),
        success: .json(
          .ok, as: TokenPair.afterLogout,
          "Both tokens are refused from now on; with `all`, those of all sessions, and who asked has a new one.",
          headers: [Self.cookieHeader]),
        failures: [AuthFailures.invalidRefreshToken] + AuthFailures.ofStore)
    ) { call, context in
      try await service.logOut(call.body, call.request.headers, context)
    }
    on(
      APIOperation(
        .post, "/api/internal/revoke", id: "revokeSessions", "End all sessions of somebody", tag: "internal",
        access: .service, body: .json(RevokeRequest.self),
        success: .empty(.noContent, "All tokens issued until now are refused."), failures: AuthFailures.ofStore)
    ) { call, context in
      try await service.endAll(of: call.body.userID, context)
      return Reply()
    }
  }

  private func logOut(
    _ body: LogoutRequest?, _ headers: HTTPFields, _ context: CallContext
  ) async throws -> Reply<TokenPair?> {
    let refresh = refreshToken(body?.refresh, headers)
    let access = accessToken(headers, context)
    guard let person = context.caller.personID ?? refresh?.subject else {
      // Without a session there is nobody to log out; a browser forgets what it has.
      throw Caller.unauthenticated.failure(headers: cookie.removal)
    }
    if body?.all == true {
      // A refresh token that was stolen must not end the others of its owner: it counts as far as it is still good.
      if context.caller.personID == nil { try await requireLive(refresh, headers, context) }
      try await endAll(of: person, context)
      let isManager = context.caller.isManager || (context.caller.personID == nil && refresh?.isManager == true)
      let tokens = try issuer.sign(
        try await openAfterwards(person, isManager: isManager, headers, context), at: clock())
      return Reply(tokens, headers: cookie.header(tokens, at: clock()))
    }
    for token in [access, refresh].compactMap(\.self) where token.subject == person {
      _ = try await sessions.end(token.familyID, of: person, until: context.deadline)
      try await sessions.revoke(token == access ? .access : .refresh, token, until: context.deadline)
    }
    return Reply(nil, headers: cookie.removal)
  }

  /// The Bearer token, when it is the caller's; the gateway has looked at it before.
  func accessToken(_ headers: HTTPFields, _ context: CallContext) -> TokenClaims? {
    guard let text = headers[.authorization], text.prefix(7).lowercased() == "bearer ",
      let id = context.caller.personID,
      let claims = try? issuer.verify(String(text.dropFirst(7).drop { $0 == " " }), as: .access, at: clock()),
      claims.subject == id
    else { return nil }
    return claims
  }

  private func requireLive(
    _ refresh: TokenClaims?, _ headers: HTTPFields, _ context: CallContext
  ) async throws {
    guard let refresh,
      case .pair = try await sessions.exchange(
        refresh, from: origin(headers, context), at: clock(), until: context.deadline)
    else { throw AuthFailures.invalidRefreshToken.failure(headers: cookie.removal) }
  }

  /// Refuses all tokens of a person that were issued until now, those of this millisecond too.
  private func endAll(of person: Int64, _ context: CallContext) async throws {
    try await sessions.endAll(of: person, notBeforeMs: clock() + 1, until: context.deadline)
  }
}
