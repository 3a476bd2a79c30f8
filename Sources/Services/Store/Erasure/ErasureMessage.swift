import JSON

/// A message of `user.events` that says that somebody was erased.
package struct ErasureMessage: Equatable {
  package let person: Int64

  /// As events are read elsewhere.
  private static let maximumDepth = 64

  /// Nil for other events, and for what is none: the collector keeps that among its dead letters.
  package init?(_ bytes: [UInt8]) {
    guard let event = try? JSONParser.parse(bytes, maximumDepth: Self.maximumDepth),
      event["event_type"] == .string("user_erased"), case .number(let digits)? = event["payload"]?["user_id"],
      let person = Int64(digits), person > 0
    else { return nil }
    self.person = person
  }
}
