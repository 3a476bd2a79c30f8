import Telemetry

/// What the learning half of the service counts.
package struct LearningMetrics: Sendable {
  private let metrics: MetricsRegistry
  let started: Counter
  let answers: Counter

  package init(_ metrics: MetricsRegistry) {
    self.metrics = metrics
    started = metrics.counter("learn_sessions_started_total", help: "Learning sessions begun.")
    answers = metrics.counter("learn_answers_total", help: "Answers taken, each once.")
    for cause in [SessionEnd.Cause.finished, .lastCard, .abandoned] { _ = finished(cause) }
  }

  func finished(_ cause: SessionEnd.Cause) -> Counter {
    metrics.counter(
      "learn_sessions_finished_total", help: "Learning sessions ended, by cause.", labels: ["cause": cause.rawValue])
  }
}
