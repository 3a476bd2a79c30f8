import Foundation
import JSON

/// Holds an OpenAPI document against the rules of OpenAPI 3.1 that a program which reads it relies on.
package struct DocumentCheck {
  package private(set) var problems: [String] = []
  private let document: JSONValue

  package init(_ document: JSONValue) {
    self.document = document
    if document["openapi"]?.string?.hasPrefix("3.1.") != true { problems.append("openapi is not 3.1") }
    for name in ["title", "version"] where document["info"]?[name]?.string?.isEmpty != false {
      problems.append("info.\(name) is missing")
    }
    var ids: Set<String> = []
    for path in document["paths"]?.members ?? [] {
      if !path.name.hasPrefix("/") { problems.append("\(path.name) does not start with /") }
      for method in path.value.members { check(method.value, "\(method.name) \(path.name)", path.name, &ids) }
    }
    if ids.isEmpty { problems.append("there are no operations") }
    for schema in document["components"]?["schemas"]?.members ?? [] { check(schema: schema.value, schema.name) }
  }

  private mutating func check(_ operation: JSONValue, _ place: String, _ path: String, _ ids: inout Set<String>) {
    let id = operation["operationId"]?.string ?? ""
    if id.isEmpty || !ids.insert(id).inserted { problems.append("\(place): operationId “\(id)” is missing or taken") }
    let tags = (document["tags"]?.elements ?? []).compactMap { $0["name"]?.string }
    for tag in operation["tags"]?.elements ?? [] where !tags.contains(tag.string ?? "") {
      problems.append("\(place): tag \(tag.text) is not listed")
    }
    for requirement in operation["security"]?.elements ?? [] {
      for scheme in requirement.members where document["components"]?["securitySchemes"]?[scheme.name] == nil {
        problems.append("\(place): security scheme \(scheme.name) is not defined")
      }
    }
    check(parameters: operation["parameters"]?.elements ?? [], place, path)
    if let body = operation["requestBody"] { check(content: body["content"], "\(place) body") }
    let responses = operation["responses"]?.members ?? []
    if responses.isEmpty { problems.append("\(place) has no responses") }
    for response in responses {
      if response.name.wholeMatch(of: /[1-5](?:\d\d|XX)|default/) == nil {
        problems.append("\(place): \(response.name) is no status")
      }
      if response.value["description"]?.string == nil { problems.append("\(place) \(response.name) is not described") }
      if response.value["content"] != nil { check(content: response.value["content"], "\(place) \(response.name)") }
      for link in response.value["links"]?.members ?? [] { check(link: link.value, place) }
    }
  }

  private mutating func check(link: JSONValue, _ place: String) {
    let operations = (document["paths"]?.members ?? []).flatMap(\.value.members).map(\.value)
    let target = operations.first { $0["operationId"] == link["operationId"] }
    if target == nil { problems.append("\(place): a link leads to no operation") }
    let known = (target?["parameters"]?.elements ?? []).compactMap { $0["name"]?.string }
    for parameter in link["parameters"]?.members ?? [] where !known.contains(parameter.name) {
      problems.append("\(place): a link names \(parameter.name), which its operation does not have")
    }
  }

  private mutating func check(parameters: [JSONValue], _ place: String, _ path: String) {
    var seen: Set<String> = []
    var inPath: Set<String> = []
    for parameter in parameters {
      let (name, location) = (parameter["name"]?.string ?? "", parameter["in"]?.string ?? "")
      if !["path", "query", "header", "cookie"].contains(location) { problems.append("\(place): \(name) is nowhere") }
      if !seen.insert("\(location) \(name)").inserted { problems.append("\(place): \(name) is declared twice") }
      if location == "path" {
        inPath.insert(name)
        if parameter["required"] != .bool(true) { problems.append("\(place): \(name) of the path is not required") }
      }
      guard let schema = parameter["schema"] else {
        problems.append("\(place): \(name) has no schema")
        continue
      }
      check(schema: schema, "\(place) \(name)")
    }
    let named = Set(path.matches(of: /\{([^}]*)\}/).map { String($0.1) })
    if named != inPath {
      problems.append("\(place): the path names \(named.sorted()), declared are \(inPath.sorted())")
    }
  }

  private mutating func check(content: JSONValue?, _ place: String) {
    let types = content?.members ?? []
    if types.isEmpty { problems.append("\(place) has no content") }
    for type in types {
      if let schema = type.value["schema"] { check(schema: schema, place) }
    }
  }

  private mutating func check(schema: JSONValue, _ place: String) {
    if let reference = schema["$ref"]?.string {
      let name = reference.hasPrefix("#/components/schemas/") ? String(reference.dropFirst(21)) : ""
      if document["components"]?["schemas"]?[name] == nil { problems.append("\(place): \(reference) leads nowhere") }
    }
    let types = schema["type"]?.elements ?? (schema["type"].map { [$0] } ?? [])
    for type in types
    where !["object", "array", "string", "integer", "number", "boolean", "null"].contains(type.string ?? "") {
      problems.append("\(place): \(type.text) is no type")
    }
    let properties = schema["properties"]?.members ?? []
    for name in schema["required"]?.elements ?? [] where !properties.contains(where: { $0.name == name.string }) {
      problems.append("\(place): \(name.text) is required and not declared")
    }
    for (least, most) in [("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")] {
      if let low = schema[least]?.asDouble, let high = schema[most]?.asDouble, low > high {
        problems.append("\(place): \(least) is above \(most)")
      }
    }
    if let pattern = schema["pattern"]?.string, (try? NSRegularExpression(pattern: pattern)) == nil {
      problems.append("\(place): \(pattern) is no regular expression")
    }
    if let choices = schema["enum"]?.elements, choices.isEmpty { problems.append("\(place): enum is empty") }
    if schema["type"] == .string("array"), schema["items"] == nil { problems.append("\(place): an array of nothing") }
    for property in properties { check(schema: property.value, "\(place).\(property.name)") }
    for inner in (schema["anyOf"]?.elements ?? []) + (schema["allOf"]?.elements ?? []) { check(schema: inner, place) }
    if let items = schema["items"] { check(schema: items, "\(place)[]") }
    if let values = schema["additionalProperties"], !values.members.isEmpty { check(schema: values, "\(place).*") }
  }
}

extension JSONValue {
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  package var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  package var elements: [JSONValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }
}
