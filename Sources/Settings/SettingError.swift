/// A setting that cannot be used: which, and why, in one sentence without its value when that is secret.
package struct SettingError: Error, CustomStringConvertible, Sendable, Equatable {
  package let name: String
  package let reason: String

  package init(_ name: String, _ reason: String) {
    self.name = name
    self.reason = reason
  }

  package var description: String { "\(name) \(reason)" }
}
