import HTTPTypes

/// All that is said of an operation: what the OpenAPI document prints, and what tests hold its answers against.
package struct OperationDescription: Sendable {
  package let method: HTTPRequest.Method
  /// As `/api/decks/{id}/`. It is answered with and without its last slash.
  package let template: String
  /// Unique; for programs that are made from the document.
  package let id: String
  package let summary: String
  package let tag: String
  package let access: Access
  package let pathParameters: [Property]
  package let queryParameters: [Property]
  package let body: BodyContents?
  package let success: SuccessContents
  package let failures: [FailureDeclaration]
  package let ifMatch: IfMatch.Demand
  /// Reads its request itself; the description is all there is.
  package let isRaw: Bool

  /// Its segments, with nil for a parameter.
  var segments: [Substring?] {
    template.split(separator: "/").map { $0.hasPrefix("{") ? nil : $0 }
  }

  /// The names in braces.
  var templateNames: [String] {
    template.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
  }
}

extension OperationDescription {
  /// Of an operation that reads its request itself, and refuses what it does not like in its own words.
  package init(
    raw method: HTTPRequest.Method, _ template: String, id: String, _ summary: String, tag: String, access: Access,
    path: [Property] = [], query: [Property] = [], body: BodyContents? = nil, success: SuccessContents,
    failures: [FailureDeclaration] = []
  ) {
    self.init(
      method: method, template: template, id: id, summary: summary, tag: tag, access: access, pathParameters: path,
      queryParameters: query, body: body, success: success, failures: failures, ifMatch: .ignored, isRaw: true)
  }
}
