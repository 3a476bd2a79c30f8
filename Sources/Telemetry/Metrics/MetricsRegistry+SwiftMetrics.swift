import CoreMetrics

/// Instruments of swift-metrics come out with our own: whoever counts or times through that package, the HTTP framework
/// among them, is in `/metrics`.
///
/// Labels become Prometheus names (`http.requests` → `http_requests_total`, a timer `_seconds`), dimensions become labels. A
/// name that another kind of metric has already gets its own kind behind it: a foreign label never ends the program.
extension MetricsRegistry: MetricsFactory {
  /// A registry with the process's own metrics that all of swift-metrics writes into. Call once a process, before the first
  /// instrument is made.
  package static func bootstrap() -> MetricsRegistry {
    let registry = MetricsRegistry()
    ProcessMetrics.register(in: registry)
    MetricsSystem.bootstrap(registry)
    return registry
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let place = place(label, suffix: "_total", .counter, dimensions)
    return ForeignCounter(counter(place.name, help: place.help, labels: place.labels), place)
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    let place = place(label, suffix: "", .gauge, dimensions)
    return ForeignMeter(gauge(place.name, help: place.help, labels: place.labels), place)
  }

  /// - Parameter aggregate: false: only the last value counts, which is a gauge.
  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else {
      let place = place(label, suffix: "", .gauge, dimensions)
      return ForeignRecorder(gauge(place.name, help: place.help, labels: place.labels).set, place)
    }
    let place = place(label, suffix: "", .histogram, dimensions)
    let bounds = Histogram.exponential(from: 1, factor: 4, count: 12)
    return ForeignRecorder(
      histogram(place.name, help: place.help, labels: place.labels, bounds: bounds).observe, place)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let place = place(label, suffix: "_seconds", .histogram, dimensions)
    return ForeignTimer(histogram(place.name, help: place.help, labels: place.labels), place)
  }

  package func destroyCounter(_ handler: any CounterHandler) { (handler as? ForeignCounter).map { remove($0.place) } }
  package func destroyMeter(_ handler: any MeterHandler) { (handler as? ForeignMeter).map { remove($0.place) } }
  package func destroyRecorder(_ handler: any RecorderHandler) {
    (handler as? ForeignRecorder).map { remove($0.place) }
  }
  package func destroyTimer(_ handler: any TimerHandler) { (handler as? ForeignTimer).map { remove($0.place) } }

  private func remove(_ place: ForeignPlace) { removeSeries(place.name, labels: place.labels) }

  private func place(
    _ label: String, suffix: String, _ kind: Kind, _ dimensions: [(String, String)]
  ) -> ForeignPlace {
    var name = Self.prometheusName(label)
    if !name.hasSuffix(suffix) { name += suffix }
    let labels = Labels(dimensions.map { (Self.labelName($0.0), $0.1) }) { _, last in last }
    let help = "\(label), of swift-metrics."
    return ForeignPlace(name: reserve(name, kind, help: help), labels: labels, help: help)
  }

  /// Letters, digits and underscores, a letter or underscore first.
  private static func prometheusName(_ label: String) -> String {
    let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first.map { $0.isNumber } ?? true ? "_" + name : name
  }

  /// `le` is the histogram's own.
  private static func labelName(_ dimension: String) -> String {
    let name = prometheusName(dimension)
    return name == "le" ? "le_" : name
  }
}

/// Where a foreign instrument's series is.
struct ForeignPlace: Sendable {
  let name: String
  let labels: MetricsRegistry.Labels
  let help: String
}

private final class ForeignCounter: CounterHandler {
  private let counter: Counter
  let place: ForeignPlace

  init(_ counter: Counter, _ place: ForeignPlace) { (self.counter, self.place) = (counter, place) }

  /// A counter only grows: what is not positive is left out.
  func increment(by amount: Int64) {
    if amount > 0 { counter.increment(by: UInt64(amount)) }
  }

  func reset() { counter.reset() }
}

private final class ForeignMeter: MeterHandler {
  private let gauge: Gauge
  let place: ForeignPlace

  init(_ gauge: Gauge, _ place: ForeignPlace) { (self.gauge, self.place) = (gauge, place) }

  func set(_ value: Int64) { gauge.set(Double(value)) }
  func set(_ value: Double) { gauge.set(value) }
  func increment(by amount: Double) { gauge.add(amount) }
  func decrement(by amount: Double) { gauge.add(-amount) }
}

private final class ForeignRecorder: RecorderHandler {
  private let take: @Sendable (Double) -> Void
  let place: ForeignPlace

  init(_ take: @escaping @Sendable (Double) -> Void, _ place: ForeignPlace) { (self.take, self.place) = (take, place) }

  func record(_ value: Int64) { take(Double(value)) }
  func record(_ value: Double) { take(value) }
}

private final class ForeignTimer: TimerHandler {
  private let histogram: Histogram
  let place: ForeignPlace

  init(_ histogram: Histogram, _ place: ForeignPlace) { (self.histogram, self.place) = (histogram, place) }

  func recordNanoseconds(_ duration: Int64) { histogram.observe(Double(duration) / 1e9) }
}
