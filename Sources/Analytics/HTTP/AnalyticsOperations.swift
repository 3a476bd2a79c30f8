import HTTPService
import HTTPTypes
import Hummingbird

/// The service's operations as its document has them. They read their requests themselves, in words of their own.
enum AnalyticsOperations {
  static let postQuery = OperationDescription(
    raw: .post, "/api/v1/query", id: "postQuery", "Ask a question", tag: "queries", access: .key,
    query: [AnalyticsSchemas.format],
    body: BodyContents(
      mediaTypes: ["application/json"], schema: .object(AnalyticsSchemas.query), isRequired: true,
      limitBytes: QueryLimits.bodyBytes),
    success: answers(AnalyticsSchemas.answer, isConditional: false),
    failures: asked + [FailureDeclaration(.contentTooLarge, "too_large", "The query is over its limit of bytes.")])

  static let getQuery = OperationDescription(
    raw: .get, "/api/v1/query", id: "getQuery", "Ask a question that has an address", tag: "queries", access: .key,
    query: [
      Property("query", .text(TextSchema()), meaning: "The JSON that POST takes as its body."), AnalyticsSchemas.format,
    ], success: answers(AnalyticsSchemas.answer, isConditional: true), failures: asked)

  static let meta = OperationDescription(
    raw: .get, "/api/v1/meta", id: "getMeta", "What can be asked", tag: "queries", access: .key,
    success: SuccessContents(
      [.ok], "Metrics, dimensions, filters, formats and limits.", mediaTypes: ["application/json"],
      schema: .anything("What a query can name."), isConditional: true),
    failures: [unauthorized, forbidden, badRequest("unknown_parameter", "There is no such parameter.")])

  static let overview = OperationDescription(
    raw: .get, "/api/v1/reports/overview", id: "getOverview", "What a person wants to see first", tag: "reports",
    access: .key, query: AnalyticsSchemas.overview,
    success: answers(.anything("The panels by name, each an Answer; with `panel`, that Answer."), isConditional: true),
    failures: asked)

  private static func answers(_ schema: ValueSchema, isConditional: Bool) -> SuccessContents {
    SuccessContents(
      [.ok], "The answer.", mediaTypes: AnswerFormat.allCases.map(\.mediaType), schema: schema,
      headers: [HeaderDeclaration(.nextCursor, "Where the next page starts, of an answer that is not JSON.")],
      isConditional: isConditional)
  }

  private static let unauthorized = FailureDeclaration(
    .unauthorized, "unauthorized", "A service key is needed, or the token of a manager through the gateway.")
  static let forbidden = FailureDeclaration(.forbidden, "forbidden", "Through the gateway this is for managers.")

  private static func badRequest(_ code: String, _ meaning: String) -> FailureDeclaration {
    FailureDeclaration(.badRequest, code, meaning)
  }

  /// What a question may name that there is not.
  private static let unknown = [
    "parameter", "field", "metric", "dimension", "timezone", "order_term", "direction", "comparison", "period",
    "format", "interval", "panel", "event_type", "filter_field", "operator",
  ]

  private static let asked: [FailureDeclaration] =
    unknown.map { name in
      let words = name.replacing("_", with: " ")
      return badRequest("unknown_\(name)", "There is no such \(words); the message has those there are.")
    } + [
      unauthorized, forbidden, badRequest("malformed_json", "The query is not JSON."),
      badRequest("missing_field", "Something is missing; path says what."),
      badRequest("invalid_value", "Something is out of bounds; path says where."),
      badRequest("wrong_type", "Something is of another type; path says where."),
      badRequest("incomplete_body", "The body broke off."),
      FailureDeclaration(.notAcceptable, "not_acceptable", "Accept names no format there is."),
      FailureDeclaration(.unprocessableContent, "query_too_large", "The query reads or makes too much."),
    ]
}
