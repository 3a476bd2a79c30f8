/// Why something was not done with an account.
package enum AccountProblem: Error, Sendable, Equatable {
  /// There is none, or none the caller may know of.
  case notFound
  case emailTaken
  /// No such address, a disabled account, or another password: not told apart.
  case invalidCredentials
  case oldPasswordMissing
  case oldPasswordWrong
  /// The old password was guessed at too often; the seconds until it may be tried again, at most.
  case tooManyGuesses(retryAfterSeconds: Int)
  /// No such address, or no such code, or one that was used, is too old, or was tried too often: not told apart.
  case resetRefused
  case badPassword(PasswordObjection)
  /// Only a manager says who is one.
  case notAManager
  /// The sessions could not be ended, so nothing was changed; the text says why, for the log.
  case sessionsNotEnded(String)
}
