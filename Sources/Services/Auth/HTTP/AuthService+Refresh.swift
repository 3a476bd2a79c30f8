import HTTPService
import HTTPTypes
import ServiceContract

extension AuthService {
  mutating func addRefresh() {
    let service = self
    on(
      APIOperation(
        .post, "/api/refresh", id: "refresh", "Exchange the refresh token for a new pair", tag: Self.tag,
        access: .anyone, body: .optionalJSON(.object(RefreshRequest.self)),
        success: .json(
          .ok, as: TokenPair.representation,
          "A new pair; the same again for whoever shows the same token within 10 seconds.",
          headers: [Self.cookieHeader]),
        failures: [AuthFailures.invalidRefreshToken, AuthFailures.reused] + AuthFailures.ofStore)
    ) { call, context in
      let pair = try await service.exchange(call.body?.refresh, call.request.headers, context)
      return try service.reply(pair)
    }
  }

  private func exchange(
    _ given: String?, _ headers: HTTPFields, _ context: CallContext
  ) async throws -> SessionPair {
    guard let shown = refreshToken(given, headers) else {
      metrics.refused.increment()
      throw AuthFailures.invalidRefreshToken.failure(headers: cookie.removal)
    }
    switch try await sessions.exchange(shown, from: origin(headers, context), at: clock(), until: context.deadline) {
    case .pair(let pair, let isNew):
      (isNew ? metrics.refreshed : metrics.repeated).increment()
      return pair
    case .reused:
      metrics.reused.increment()
      context.logger.warning(
        "a refresh token was shown again: its session has been ended", metadata: ["user_id": "\(shown.subject)"])
      throw AuthFailures.reused.failure(headers: cookie.removal)
    case .revoked, .ended:
      metrics.refused.increment()
      throw AuthFailures.invalidRefreshToken.failure(headers: cookie.removal)
    }
  }

  /// The refresh token of a body or, without one, of the cookie; nil when there is none that is good by itself.
  func refreshToken(_ given: String?, _ headers: HTTPFields) -> TokenClaims? {
    guard let token = given ?? cookie.token(headers) else { return nil }
    return try? issuer.verify(token, as: .refresh, at: clock())
  }
}
