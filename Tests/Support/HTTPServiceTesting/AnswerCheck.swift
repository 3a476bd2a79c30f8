import HTTPService
import HTTPTypes
import JSON

/// Holds answers against what an API declares: status, codes, headers, and every member of a body.
package struct AnswerCheck<Context: IdentifiedRequestContext>: Sendable {
  private let api: API<Context>

  package init(_ api: API<Context>) {
    self.api = api
  }

  /// What is wrong with an answer to such a request; nothing when no operation is asked.
  package func problems(_ method: HTTPRequest.Method, _ path: String, _ answer: RouterAnswer) -> [String] {
    guard let operation = api.operation(method, at: path) else { return [] }
    let success = operation.success
    if success.statuses.contains(where: { Int($0.code) == answer.status }) {
      return self.success(success, answer, hasBody: method != .head)
    }
    if answer.status == 304 {
      return success.isConditional && operation.method == .get ? [] : ["is not conditional"]
    }
    return failure(operation, answer, hasBody: method != .head)
  }

  private func success(_ declared: SuccessContents, _ answer: RouterAnswer, hasBody: Bool) -> [String] {
    var problems: [String] = []
    for header in declared.headers where header.isAlways && answer.headers[header.name] == nil {
      problems.append("\(header.name) is missing")
    }
    if declared.isConditional, answer.headers[.eTag] == nil { problems.append("ETag is missing") }
    guard hasBody else { return problems }
    let type = answer.headers[.contentType].map { String($0.prefix { $0 != ";" }) }
    if declared.mediaTypes.isEmpty {
      if !answer.text.isEmpty { problems.append("has a body") }
    } else if !declared.mediaTypes.contains(type ?? "") {
      problems.append("\(type ?? "no type") is not declared")
    }
    if type == "application/json", let schema = declared.schema { problems += mismatches(answer, schema) }
    return problems
  }

  private func failure(_ operation: OperationDescription, _ answer: RouterAnswer, hasBody: Bool) -> [String] {
    if !hasBody { return [] }
    var problems = mismatches(answer, RequestFailure.schema)
    let declared = operation.allFailures + api.commonFailures
    let isKnown = declared.contains { Int($0.status.code) == answer.status && $0.code == answer.code }
    if !isKnown, answer.status < 500 { problems.append("\(answer.status) \(answer.code ?? "") is not declared") }
    return problems
  }

  private func mismatches(_ answer: RouterAnswer, _ schema: ValueSchema) -> [String] {
    guard let json = answer.json else { return ["the body is not JSON"] }
    var problems = Problems()
    schema.check(json, &problems)
    return problems.found.map { "\($0.path) \($0.message)" }
  }
}
