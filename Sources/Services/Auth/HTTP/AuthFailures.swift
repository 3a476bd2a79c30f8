import HTTPService
import HTTPTypes
import Redis
import ServiceContract

/// The service's errors as HTTP has them.
enum AuthFailures {
  static let invalidCredentials = FailureDeclaration(
    .unauthorized, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.")
  static let emailTaken = FailureDeclaration(
    .conflict, "EMAIL_TAKEN", "Somebody is registered with this e-mail address already.")
  static let oldPasswordWrong = FailureDeclaration(
    .forbidden, "OLD_PASSWORD_WRONG", "The old password is another one.")
  static let invalidRefreshToken = FailureDeclaration(
    .unauthorized, "INVALID_REFRESH_TOKEN", "The refresh token is missing or not accepted: log in again.")
  static let reused = FailureDeclaration(
    .unauthorized, "REFRESH_TOKEN_REUSED",
    "The refresh token was exchanged before, so it may have been stolen: its session has been ended. Log in again.")
  static let tooManyLogins = FailureDeclaration(
    .tooManyRequests, "TOO_MANY_LOGINS", "Too many logins have failed: wait as long as Retry-After says.")
  static let sessionNotFound = FailureDeclaration(.notFound, "SESSION_NOT_FOUND", "You have no such session.")
  static let accountGone = FailureDeclaration(.unauthorized, "ACCOUNT_GONE", "This account is no more.")
  static let storeUnavailable = FailureDeclaration(
    .serviceUnavailable, "SESSION_STORE_UNAVAILABLE",
    "Sessions cannot be looked up now. They may still hold: ask again.")
  static let noKey = FailureDeclaration(
    .serviceUnavailable, "NO_SIGNING_KEY", "There is no key to sign tokens with now: ask again.")
  static let busy = FailureDeclaration(
    .serviceUnavailable, "SESSIONS_CHANGING", "Sessions were ended meanwhile: ask again.")

  /// In which everything may fail that asks Redis.
  static let ofStore = [storeUnavailable, noKey, busy]
  static let ofUsers = [
    ServiceCallError.unavailable, ServiceCallError.overloaded, ServiceCallError.malformedAnswer,
    FailureDeclaration(.serviceUnavailable, "DATABASE_UNAVAILABLE", "The users service has no database now."),
    FailureDeclaration(.serviceUnavailable, "BUSY", "The users service is busy with the same person."),
  ]

  /// Nil for errors that are none of the service's own.
  static func translate(_ error: any Error) -> RequestFailure? {
    switch error {
    case let error as RedisError: failure(error)
    case let error as ServiceCallError: error.failure
    case let error as LoginLimiter.TooMany: tooManyLogins.failure(headers: retry(after: error.retryAfter))
    case is TokenIssuer.NoKey: noKey.failure(headers: retry(after: .seconds(10)))
    default: nil
    }
  }

  /// Whatever is wrong with Redis, it is not the client's session.
  private static func failure(_ error: RedisError) -> RequestFailure {
    if case .overloaded(let wait) = error { return storeUnavailable.failure(headers: retry(after: wait)) }
    return storeUnavailable.failure(headers: retry(after: .seconds(1)))
  }

  private static func retry(after wait: Duration) -> HTTPFields {
    [.retryAfter: "\(max(1, Int((wait / .seconds(1)).rounded(.up))))"]
  }
}
