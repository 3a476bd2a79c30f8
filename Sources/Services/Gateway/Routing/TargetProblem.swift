import HTTPService

/// Why a request target is not taken: each of these is read differently by different servers, so that what one lets pass
/// another may take for something else.
package enum TargetProblem: Error, Equatable {
  /// Not `/…`: another server's URL, `*`, or nothing.
  case notAPath
  /// A blank, a control character, `\`, `#`, or bytes beyond ASCII in the path.
  case character
  /// `%` without two hexadecimal digits behind it.
  case encoding
  /// An encoded `/`, `\` or control character.
  case encodedSeparator
  /// `.` or `..`, encoded or not.
  case dotSegment
  /// `//`
  case emptySegment

  package var failure: RequestFailure {
    RequestFailure(.badRequest, code: "INVALID_TARGET", message: message)
  }

  private var message: String {
    switch self {
    case .notAPath: "The request target must be a path that begins with /."
    case .character: "The path holds a character that must be percent-encoded, or may not be there at all."
    case .encoding: "A % in the path must be followed by two hexadecimal digits."
    case .encodedSeparator: "The path holds an encoded /, \\ or control character."
    case .dotSegment: "The path holds a segment . or .."
    case .emptySegment: "The path holds //."
    }
  }
}
