import HTTPService
import HTTPTypes
import Hummingbird
import JSON

/// How an answer leaves: `?format=` decides, else `Accept`, else JSON.
enum AnswerFormat: String, CaseIterable {
  case json, ndjson, csv

  var mediaType: String {
    switch self {
    case .json: "application/json"
    case .ndjson: "application/x-ndjson"
    case .csv: "text/csv"
    }
  }

  static func wanted(by request: Request) throws(RequestFailure) -> AnswerFormat {
    if let name = request.uri.queryParameters["format"] {
      guard let format = AnswerFormat(rawValue: String(name)) else {
        let allowed = allCases.map(\.rawValue).joined(separator: ", ")
        throw RequestFailure(
          .badRequest, code: "unknown_format",
          message: "There is no format “\(ForeignText.shown(name))”; allowed: \(allowed).",
          path: "format")
      }
      return format
    }
    let accepted = request.headers[values: .accept].flatMap { $0.split(separator: ",") }
    if accepted.isEmpty { return .json }
    var best: (format: AnswerFormat, weight: Double)?
    for range in accepted {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let type = parts.first, let format = matching(type) else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      if weight > 0, weight > (best?.weight ?? 0) { best = (format, weight) }
    }
    if let best { return best.format }
    let allowed = allCases.map(\.mediaType).joined(separator: ", ")
    throw RequestFailure(
      .notAcceptable, code: "not_acceptable", message: "Accept names no format there is: \(allowed).")
  }

  private static func matching(_ type: String) -> AnswerFormat? {
    switch type {
    case "*/*", "application/*", "application/json": .json
    case "application/x-ndjson", "application/ndjson", "application/jsonl": .ndjson
    case "text/csv", "text/*": .csv
    default: nil
    }
  }

  /// - Parameter name: what a downloaded file is called, without its ending.
  func response(_ answer: Answer, name: String) -> Response {
    var headers: HTTPFields = [
      .contentType: "\(mediaType); charset=utf-8", .cacheControl: "private, no-cache", .vary: "Accept, Authorization",
    ]
    if self != .json, let cursor = answer.nextCursor { headers[.nextCursor] = cursor }
    let text: String
    switch self {
    case .json: text = answer.json.text + "\n"
    case .ndjson: text = answer.ndjson
    case .csv:
      text = answer.csv
      headers[.contentDisposition] = "attachment; filename=\"\(name).csv\""
    }
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}

extension HTTPField.Name {
  static let requestTimeout = HTTPField.Name("X-Request-Timeout-Ms")!
}
