/// What was answered to a request, as it is given again.
package struct KeptReply: Sendable, Equatable {
  /// Of HTTP.
  package let status: Int
  /// The answer's body.
  package let body: String

  package init(status: Int, body: String) {
    self.status = status
    self.body = body
  }
}
