/// A request's path as the log may have it: an e-mail address in it is dots, on whatever route it came.
package enum LoggedPath {
  /// - Parameter route: the template that matched, or what stands for none.
  package static func text(_ path: String, route: String) -> String {
    var names = route.split(separator: "/")[...]
    return path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      guard !segment.isEmpty else { return segment }
      let isAddress = names.popFirst() == "{email}" || segment.contains(Self.atSign)
      return isAddress ? "•••" : segment
    }.joined(separator: "/")
  }

  /// As it is, or percent-encoded however often.
  private static var atSign: Regex<Substring> { /@|%(?:25)*40/ }
}
