/// An element of an answer of S3: its name without a prefix, and either elements or text in it. Attributes are passed over:
/// S3's answers say nothing in them.
package struct XMLElement: Equatable, Sendable {
  package let name: String
  package internal(set) var children: [XMLElement] = []
  package internal(set) var text = ""

  package init(name: String, text: String = "") {
    self.name = name
    self.text = text
  }

  /// The first child of that name.
  package subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The element with this text in it, escaped.
  package static func text(_ name: String, _ text: String) -> String { "<\(name)>\(escaped(text))</\(name)>" }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&apos;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
