/// A pattern for `LIKE` and `ILIKE` that a text matches in which some words occur as they are.
package enum LikePattern {
  package static func containing(_ words: String) -> String {
    var pattern = "%"
    for scalar in words.unicodeScalars {
      if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern + "%"
  }
}
