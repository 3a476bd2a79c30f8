extension Instant {
  /// Of an RFC 3339 time, digits beyond the milliseconds cut off; nil for what is none.
  package init?(rfc3339 text: String) {
    guard let milliseconds = Array(text.utf8).withUnsafeBytes(TimeText.milliseconds) else { return nil }
    self.init(milliseconds: Int(milliseconds))
  }
}
