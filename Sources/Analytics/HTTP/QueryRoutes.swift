import CivilTime
import Foundation
import HTTPService
import HTTPTypes
import Hummingbird
import JSON
import Telemetry

/// `/api/v1`: the general query, what can be asked, and ready reports.
struct QueryRoutes {
  let answering: Answering
  /// The longest a query may take, from the arrival of the request's head.
  let deadline: Duration
  /// Counts answers that were ready only after the deadline.
  let late: Counter
  /// What making and sending an answer may take beyond the deadline before it counts as late.
  static let slack = Duration.milliseconds(250)

  func add(to api: inout API<AnalyticsContext>) {
    let (post, get, meta) = (
      AnalyticsOperations.postQuery, AnalyticsOperations.getQuery, AnalyticsOperations.meta
    )
    api.on(raw: post) { request, context in
      try URLParameters.check(request, post)
      var request = request
      let body = try await Self.body(&request)
      return try await answer(try QueryReader.read(body), request, context)
    }
    api.on(raw: get) { request, context in
      try URLParameters.check(request, get)
      guard let text = request.uri.queryParameters["query"] else {
        throw QueryProblem("missing_field", "query", "query is missing: the JSON that POST takes as its body.")
      }
      return try await answer(try QueryReader.read(Array(text.utf8)), request, context)
    }
    api.on(raw: meta) { request, _ in
      try URLParameters.check(request, meta)
      let text = QueryVocabulary.json.text + "\n"
      let response = Response(
        status: .ok,
        headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "private, max-age=300"],
        body: .init(byteBuffer: ByteBuffer(string: text)))
      return EntityTag(text).applied(to: response, for: request)
    }
    api.on(raw: AnalyticsOperations.overview) { request, context in try await overview(request, context) }
  }

  /// What stands where a report's name is and none is meant.
  static func addUnknownReport(to group: some RouterMethods<AnalyticsContext>) {
    group.get("api/v1/reports/:name") { _, context -> Response in
      let name = context.parameters.get("name") ?? ""
      throw RequestFailure(
        .notFound, code: "unknown_report",
        message: "There is no report “\(ForeignText.shown(name))”; there are: overview.")
    }
  }

  private func answer(_ query: AnalyticsQuery, _ request: Request, _ context: AnalyticsContext) async throws -> Response
  {
    let format = try AnswerFormat.wanted(by: request)
    let scope = try await scope(request, context)
    defer { observe(scope) }
    let answer = try await context.connection.cancelWhenDisconnected {
      try await answering.answer(query, for: scope)
    }
    let tag = EntityTag(format.rawValue, answer.effectiveQuery.text, answer.csv, answer.freshTo?.isoText ?? "")
    return tag.applied(to: format.response(answer, name: "query"), for: request)
  }

  private func overview(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
    let report = try OverviewReport(request.uri.queryParameters)
    let format = try AnswerFormat.wanted(by: request)
    let scope = try await scope(request, context)
    defer { observe(scope) }
    if let panel = report.panel {
      let answer = try await context.connection.cancelWhenDisconnected {
        try await report.answer(panel, answering, for: scope)
      }
      let tag = EntityTag(format.rawValue, answer.effectiveQuery.text, answer.csv, answer.freshTo?.isoText ?? "")
      let name = "overview-\(panel.rawValue)-\(answer.plan.span.firstDate)-\(answer.plan.span.lastDate)"
      return tag.applied(to: format.response(answer, name: name), for: request)
    }
    guard format == .json else {
      let names = OverviewReport.Panel.allCases.map(\.rawValue).joined(separator: ", ")
      throw QueryProblem(
        "missing_field", "panel", "A whole report is JSON; for \(format.rawValue) name one panel: \(names).")
    }
    let answers = try await context.connection.cancelWhenDisconnected {
      try await report.answers(answering, for: scope)
    }
    let tag = EntityTag(answers.map { $0.answer.csv + ($0.answer.freshTo?.isoText ?? "") }.joined())
    let response = Response(
      status: .ok,
      headers: [
        .contentType: "application/json; charset=utf-8", .cacheControl: "private, no-cache",
        .vary: "Accept, Authorization",
      ], body: .init(byteBuffer: ByteBuffer(string: report.json(answers).text + "\n")))
    return tag.applied(to: response, for: request)
  }

  private static func body(_ request: inout Request) async throws -> [UInt8] {
    do {
      return Array(buffer: try await request.collectBody(upTo: QueryLimits.bodyBytes))
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw RequestFailure(
        .contentTooLarge, code: "too_large", message: "A query may have at most \(QueryLimits.bodyBytes) bytes.")
    } catch let error as CancellationError {
      throw error
    } catch {
      throw RequestFailure(.badRequest, code: "incomplete_body", message: "The body broke off before its end.")
    }
  }

  private func observe(_ scope: RequestScope) {
    if .now > scope.deadline + Self.slack { late.increment() }
  }

  private func scope(_ request: Request, _ context: AnalyticsContext) async throws -> RequestScope {
    var limit = deadline
    if let text = request.headers[.requestTimeout] {
      guard let milliseconds = Int(text), milliseconds > 0 else {
        throw RequestFailure(
          .badRequest, code: "invalid_value", message: "X-Request-Timeout-Ms must be a whole number above 0.",
          path: "X-Request-Timeout-Ms")
      }
      limit = min(limit, .milliseconds(milliseconds))
    }
    return RequestScope(requestID: context.requestID, deadline: await context.connection.requestArrival() + limit)
  }
}

extension [UInt8] {
  fileprivate init(buffer: ByteBuffer) {
    self.init(buffer.readableBytesView)
  }
}
