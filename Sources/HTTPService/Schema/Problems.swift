import JSON

/// One thing that is wrong with what a request says.
package struct Problem: Sendable, Equatable {
  /// As `cards[3].front_text`; empty for the whole.
  package let path: String
  package let message: String

  package init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }
}

/// All that is wrong with one value, in the order in which it was met, of which the first ``limit`` are kept.
package struct Problems {
  package static let limit = 20

  private enum Step {
    case member(String)
    case element(Int)
  }

  package private(set) var found: [Problem] = []
  /// How many there were beyond those kept.
  package private(set) var furtherCount = 0
  private var steps: [Step] = []

  package init() {}

  package var isEmpty: Bool { found.isEmpty }
  package var count: Int { found.count + furtherCount }

  package mutating func add(_ message: String) {
    guard found.count < Self.limit else {
      furtherCount += 1
      return
    }
    found.append(Problem(path, message))
  }

  /// At a place that the caller names.
  package mutating func add(_ message: String, at place: String) {
    inside(place) { $0.add(message) }
  }

  mutating func inside(_ name: String, _ check: (inout Problems) -> Void) {
    steps.append(.member(name))
    check(&self)
    steps.removeLast()
  }

  mutating func inside(_ index: Int, _ check: (inout Problems) -> Void) {
    steps.append(.element(index))
    check(&self)
    steps.removeLast()
  }

  private var path: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .member(let name): text += text.isEmpty ? ForeignText.shown(name) : "." + ForeignText.shown(name)
      case .element(let index): text += "[\(index)]"
      }
    }
  }
}
