import HTTPService

/// A request target as the log may have it: the path of it, as ``LoggedPath`` has it.
package enum RedactedPath {
  package static func text(_ target: String) -> String {
    let path = target.prefix { $0 != "?" }
    // Few have anything to be looked for.
    guard path.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") }) else { return String(path) }
    return LoggedPath.text(String(path), route: "")
  }
}
