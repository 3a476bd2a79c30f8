import Synchronization

/// A total that only grows. Keep the instance: an increment is one relaxed atomic addition.
package final class Counter: Sendable {
  private let total = Atomic<UInt64>(0)

  init() {}

  package func increment(by amount: UInt64 = 1) {
    total.wrappingAdd(amount, ordering: .relaxed)
  }

  /// Back to nothing, as Prometheus expects of a process that began anew. For instruments that offer it only.
  func reset() { total.store(0, ordering: .relaxed) }

  package var value: UInt64 { total.load(ordering: .relaxed) }
}
