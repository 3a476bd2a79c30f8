/// A moment, kept apart from the struct that it belongs to.
///
/// `ContinuousClock.Instant` is laid out at run time, and so is every struct that holds one: finding the fields of a lane then
/// took 7 % of a collector's CPU time, for each message touches some.
package final class KeptInstant: Sendable {
  package let instant: ContinuousClock.Instant

  package init(_ instant: ContinuousClock.Instant) { self.instant = instant }
}
