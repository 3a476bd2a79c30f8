import Foundation
import Hummingbird
import JSON

/// Reads the parameters of a URL, which are text, as the fields that were declared.
struct URLReader<Value: RequestObject>: Sendable {
  private let form: Form<Value>
  let properties: [Property]

  init() {
    form = .object(Value.self)
    properties = Value.Fields().properties
    precondition(properties.allSatisfy { $0.schema.isScalar }, "\(Value.self) has a parameter that a URL cannot carry")
  }

  /// Of a query such as `q=a+b&limit=5`.
  /// - Throws: 422 with each parameter that is unknown, given twice, or not as declared.
  func query(_ query: String?) throws(RequestFailure) -> Value {
    var members: [JSONValue.Member] = []
    var problems = Problems()
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]), let text = Self.decoded(parts.count > 1 ? parts[1] : "") else {
        problems.inside(ForeignText.shown(parts[0])) { $0.add("is not percent-encoded UTF-8") }
        continue
      }
      if members.contains(where: { $0.name == name }) {
        problems.inside(name) { $0.add("is given twice") }
      } else {
        members.append(.init(name, json(text, of: name)))
      }
    }
    let value = form.read(.object(members), &problems)
    guard let value, problems.isEmpty else { throw .invalid(problems, in: "The URL's query") }
    return value
  }

  /// Of a path. What cannot be the name of anything is not there.
  func path(_ parameters: Parameters, _ request: Request) throws(RequestFailure) -> Value {
    var members: [JSONValue.Member] = []
    for property in properties {
      guard let raw = parameters.get(property.name), let text = Self.decoded(segment: raw) else {
        throw .nothing(at: request)
      }
      members.append(.init(property.name, json(text, of: property.name)))
    }
    var problems = Problems()
    guard let value = form.read(.object(members), &problems) else { throw .nothing(at: request) }
    return value
  }

  /// The text as the JSON its declaration asks for, where it can be that.
  private func json(_ text: String, of name: String) -> JSONValue {
    switch properties.first(where: { $0.name == name })?.schema {
    case .integer:
      // One number has one text here, as a path should.
      if let number = Int(text), String(number) == text { return .number(text) }
    case .number:
      if case .number(text)? = try? JSONParser.parse(Array(text.utf8)) { return .number(text) }
    case .boolean:
      if text == "true" || text == "false" { return .bool(text == "true") }
    default: break
    }
    return .string(text)
  }

  private static func decoded(segment text: String) -> String? {
    text.utf8.contains(UInt8(ascii: "%")) ? text.removingPercentEncoding : text
  }

  private static func decoded(_ text: Substring) -> String? {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }) else { return String(text) }
    return text.replacing("+", with: " ").removingPercentEncoding
  }
}

extension ValueSchema {
  fileprivate var isScalar: Bool {
    switch self {
    case .boolean, .text, .integer, .number: true
    default: false
    }
  }
}
