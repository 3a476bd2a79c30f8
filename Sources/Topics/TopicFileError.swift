/// What is wrong in a topics file, and where.
package struct TopicFileError: Error, Sendable, Equatable, CustomStringConvertible {
  package let file: String
  /// From 1; `nil` when the whole file is meant.
  package let line: Int?
  package let reason: String

  package init(file: String, line: Int?, reason: String) {
    self.file = file
    self.line = line
    self.reason = reason
  }

  package var description: String { "\(file)\(line.map { ", line \($0)" } ?? ""): \(reason)" }
}
