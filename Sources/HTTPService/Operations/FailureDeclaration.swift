import HTTPTypes

/// A way in which an operation may fail.
package struct FailureDeclaration: Sendable, Equatable {
  package let status: HTTPResponse.Status
  package let code: String
  package let meaning: String

  package init(_ status: HTTPResponse.Status, _ code: String, _ meaning: String) {
    self.status = status
    self.code = code
    self.meaning = meaning
  }

  /// As it is thrown.
  package func failure(_ message: String? = nil, headers: HTTPFields = [:]) -> RequestFailure {
    RequestFailure(status, code: code, message: message ?? meaning, headers: headers)
  }
}

extension OperationDescription {
  /// Those declared, and those that follow from what else is declared.
  package var allFailures: [FailureDeclaration] {
    var all = failures
    func add(_ status: HTTPResponse.Status, _ code: String, _ meaning: String) {
      let failure = FailureDeclaration(status, code, meaning)
      if !all.contains(where: { $0.status == status && $0.code == code }) { all.append(failure) }
    }
    guard !isRaw else { return all }
    if !success.mediaTypes.isEmpty {
      add(.notAcceptable, "NOT_ACCEPTABLE", "Accept allows none of the answer's types.")
    }
    if !pathParameters.isEmpty { add(.notFound, "NOT_FOUND", "The path names nothing.") }
    if body != nil {
      add(.badRequest, "INCOMPLETE_BODY", "The body broke off.")
      add(.contentTooLarge, "BODY_TOO_LARGE", "The body is over its limit.")
      add(.unsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body is of another type.")
    }
    if body?.schema != nil { add(.badRequest, "MALFORMED_JSON", "The body is not JSON.") }
    // A parameter that is not known is refused where there are none, too.
    add(.unprocessableContent, "VALIDATION_FAILED", "See details.")
    if ifMatch == .required { add(.preconditionRequired, "PRECONDITION_REQUIRED", "If-Match is missing.") }
    if ifMatch != .ignored { add(.preconditionFailed, "PRECONDITION_FAILED", "If-Match names an older state.") }
    return all
  }
}
