/// How far a run is.
package struct LoadProgress: Sendable {
  package let sent: Int
  package let acked: Int
  package let failed: Int
  package let total: Int?
  package let seconds: Double
  /// Acknowledged a second, since the last progress.
  package let recentRate: Double
  /// Behind the intended schedule, in seconds; 0 without a rate.
  package let behindSeconds: Double
}
