import Synchronization

/// Every metric of one process, and its Prometheus text.
///
/// Asking twice for the same name and labels gives the same instance, so callers ask once and keep it: nothing but the
/// instance's own atomic is touched on a hot path. A name used with two kinds is a mistake of the program and traps.
package final class MetricsRegistry: Sendable {
  package typealias Labels = [String: String]

  /// One reading of a metric whose series are only known when asked, such as one gauge a partition.
  package struct Sample: Sendable {
    package var labels: Labels
    package var value: Double

    package init(_ value: Double, labels: Labels = [:]) {
      self.labels = labels
      self.value = value
    }
  }

  enum Series {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
  }

  enum Kind: String {
    case counter, gauge, histogram
  }

  struct Family {
    let kind: Kind
    let help: String
    var series: [Labels: Series] = [:]
    var reading: (@Sendable () -> [Sample])?
  }

  private let families = Mutex<[String: Family]>([:])

  package init() {}

  package func counter(_ name: String, help: String, labels: Labels = [:]) -> Counter {
    let series = series(name, .counter, help, labels) { .counter(Counter()) }
    guard case .counter(let counter) = series else { preconditionFailure("\(name) is not a counter") }
    return counter
  }

  package func gauge(_ name: String, help: String, labels: Labels = [:]) -> Gauge {
    let series = series(name, .gauge, help, labels) { .gauge(Gauge()) }
    guard case .gauge(let gauge) = series else { preconditionFailure("\(name) is not a gauge") }
    return gauge
  }

  /// - Parameter bounds: ascending bucket bounds; the first call for a name and labels decides.
  package func histogram(
    _ name: String, help: String, labels: Labels = [:], bounds: [Double] = Histogram.latencySeconds
  ) -> Histogram {
    let series = series(name, .histogram, help, labels) { .histogram(Histogram(bounds: bounds)) }
    guard case .histogram(let histogram) = series else { preconditionFailure("\(name) is not a histogram") }
    return histogram
  }

  /// A gauge read when the metrics are asked for. A later call with the same name replaces the reading.
  package func gauges(_ name: String, help: String, reading: @escaping @Sendable () -> [Sample]) {
    read(name, .gauge, help, reading)
  }

  /// A counter kept elsewhere, read when the metrics are asked for.
  package func counters(_ name: String, help: String, reading: @escaping @Sendable () -> [Sample]) {
    read(name, .counter, help, reading)
  }

  /// The exposition text, version 0.0.4, families and series in a stable order.
  package func exposition() -> String {
    let snapshot = families.withLock { $0 }
    var text = ExpositionText()
    for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
      text.append(name, family)
    }
    return text.text
  }

  /// A name for a foreign metric of this kind: the wished one, or with its kind behind it where another kind has that. It is
  /// taken at once, so that it stays free for this kind.
  func reserve(_ wished: String, _ kind: Kind, help: String) -> String {
    families.withLock {
      var name = wished
      while let family = $0[name], family.kind != kind { name += "_\(kind.rawValue)" }
      if $0[name] == nil { $0[name] = Family(kind: kind, help: help) }
      return name
    }
  }

  func removeSeries(_ name: String, labels: Labels) {
    families.withLock { $0[name]?.series[labels] = nil }
  }

  private func read(_ name: String, _ kind: Kind, _ help: String, _ reading: @escaping @Sendable () -> [Sample]) {
    families.withLock {
      var family = $0[name] ?? Family(kind: kind, help: help)
      precondition(family.kind == kind, "\(name) is a \(family.kind)")
      family.reading = reading
      $0[name] = family
    }
  }

  private func series(_ name: String, _ kind: Kind, _ help: String, _ labels: Labels, make: () -> Series) -> Series {
    precondition(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }, "bad name \(name)")
    return families.withLock {
      var family = $0[name] ?? Family(kind: kind, help: help)
      precondition(family.kind == kind, "\(name) is a \(family.kind)")
      if let known = family.series[labels] { return known }
      let made = make()
      family.series[labels] = made
      $0[name] = family
      return made
    }
  }
}
