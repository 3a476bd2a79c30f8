/// Why a collector cannot work, in one sentence for the operator.
package struct CollectorFailure: Error, CustomStringConvertible, Sendable {
  package let description: String

  package init(description: String) { self.description = description }
}
