/// Names and strings as they stand in the text of a statement, for the few statements that take no parameters.
package enum SQLText {
  package static func identifier(_ name: String) -> String { "`\(escaped(name, quote: "`"))`" }

  package static func literal(_ text: String) -> String { "'\(escaped(text, quote: "'"))'" }

  /// - Parameter quote: what the text will stand in; nil: nothing, as in a field of a row.
  static func escaped(_ text: String, quote: Unicode.Scalar?) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\0": result += "\\0"
      default:
        if scalar == quote { result += "\\" }
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
