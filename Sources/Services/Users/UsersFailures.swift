import HTTPService
import HTTPTypes
import Postgres
import ServiceContract
import ServiceStore

/// The service's errors as HTTP has them.
enum UsersFailures {
  static let notFound = FailureDeclaration(.notFound, "USER_NOT_FOUND", "There is no such user.")
  static let emailTaken = FailureDeclaration(
    .conflict, "EMAIL_TAKEN", "Somebody is registered with this e-mail address already.")
  static let invalidCredentials = FailureDeclaration(
    .unauthorized, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.")
  static let oldPasswordWrong = FailureDeclaration(
    .forbidden, "OLD_PASSWORD_WRONG", "The old password is another one.")
  static let oldPasswordMissing = FailureDeclaration(
    .badRequest, "OLD_PASSWORD_MISSING", "Another password or e-mail address asks for old_password.")
  static let tooManyGuesses = FailureDeclaration(
    .tooManyRequests, "TOO_MANY_GUESSES", "The old password was wrong too often; try again later.")
  static let notAManager = FailureDeclaration(.forbidden, "FORBIDDEN", "Only a manager says who is one.")
  static let resetRefused = FailureDeclaration(
    .forbidden, "RESET_REFUSED",
    "With this address and code no password can be set: it is another, was used, is older than a day, or was tried too "
      + "often. A manager gives out a new one.")

  private static let overloaded = FailureDeclaration(.serviceUnavailable, "OVERLOADED", "Too many logins at once.")
  private static let late = FailureDeclaration(
    .gatewayTimeout, "DEADLINE_EXCEEDED", "The password could not be checked in time.")
  private static let sessionsUnavailable = FailureDeclaration(
    .serviceUnavailable, "SESSION_STORE_UNAVAILABLE",
    "Sessions cannot be ended now, so nothing was changed; try again.")

  /// Nil for errors that are none of the service's own.
  static func translate(_ error: any Error) -> RequestFailure? {
    switch error {
    case let error as AccountProblem: failure(error)
    case let error as PasswordHasherError: failure(error)
    case let error as PostgresError: StoreFailures.translate(error)
    default: nil
    }
  }

  private static func failure(_ problem: AccountProblem) -> RequestFailure {
    switch problem {
    case .notFound: notFound.failure()
    case .emailTaken: emailTaken.failure()
    case .invalidCredentials: invalidCredentials.failure()
    case .oldPasswordWrong: oldPasswordWrong.failure()
    case .tooManyGuesses(let seconds): tooManyGuesses.failure(headers: [.retryAfter: "\(seconds)"])
    case .notAManager: notAManager.failure()
    case .resetRefused: resetRefused.failure()
    case .oldPasswordMissing: oldPasswordMissing.failure()
    case .badPassword(let objection): invalid("password", objection.reason)
    case .sessionsNotEnded: sessionsUnavailable.failure(headers: [.retryAfter: "1"])
    }
  }

  private static func failure(_ error: PasswordHasherError) -> RequestFailure {
    switch error {
    case .refused(.overloaded(let wait)):
      overloaded.failure(headers: [.retryAfter: "\(max(1, wait.components.seconds))"])
    case .refused(.deadlineExceeded): late.failure()
    case .refused(.cancelled), .refused(.closed), .noMemory: overloaded.failure(headers: [.retryAfter: "1"])
    }
  }

  static func invalid(_ path: String, _ message: String) -> RequestFailure {
    RequestFailure(
      .unprocessableContent, code: "VALIDATION_FAILED", message: "The body is not as it must be: see details.",
      details: [Problem(path, message)])
  }
}
