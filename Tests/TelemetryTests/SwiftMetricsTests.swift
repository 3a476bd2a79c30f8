import CoreMetrics
import Telemetry
import Testing

@Suite struct SwiftMetricsTests {
  private let registry = MetricsRegistry()

  @Test func instrumentsOfOthersComeOut() {
    let counter = CoreMetrics.Counter(
      label: "http.requests", dimensions: [("le", "a\"b"), ("x.y", "1")], factory: registry)
    counter.increment(by: 3)
    counter.increment()
    let same = CoreMetrics.Counter(
      label: "http.requests", dimensions: [("x.y", "1"), ("le", "a\"b")], factory: registry)
    same.increment()
    CoreMetrics.Meter(label: "connections", factory: registry).set(7)
    CoreMetrics.Gauge(label: "9 lives", factory: registry).record(2.5)
    let timer = CoreMetrics.Timer(label: "wait", factory: registry)
    timer.recordMilliseconds(40)
    timer.recordSeconds(100)
    CoreMetrics.Recorder(label: "rows", factory: registry).record(5)
    let text = registry.exposition()
    #expect(text.contains("# TYPE http_requests_total counter\nhttp_requests_total{le_=\"a\\\"b\",x_y=\"1\"} 5\n"))
    #expect(text.contains("# TYPE connections gauge\nconnections 7\n"))
    #expect(text.contains("# TYPE _9_lives gauge\n_9_lives 2.5\n"))
    #expect(text.contains("# TYPE wait_seconds histogram\n") && text.contains("wait_seconds_bucket{le=\"0.05\"} 1\n"))
    #expect(text.contains("wait_seconds_sum 100.04\nwait_seconds_count 2\n"))
    #expect(text.contains("rows_bucket{le=\"4\"} 0\nrows_bucket{le=\"16\"} 1\n"))
  }

  @Test func theSameNameOfAnotherKindHarmsNothing() {
    registry.gauge("depth", help: "Ours.").set(1)
    registry.gauges("wait_seconds", help: "Ours.") { [.init(2)] }
    CoreMetrics.Recorder(label: "depth", factory: registry).record(3)
    CoreMetrics.Timer(label: "wait", factory: registry).recordSeconds(1)
    CoreMetrics.Counter(label: "", factory: registry).increment()
    CoreMetrics.Counter(label: "é/\n", factory: registry).increment(by: -5)
    let text = registry.exposition()
    #expect(text.contains("\ndepth 1\n") && text.contains("\ndepth_histogram_count 1\n"))
    #expect(text.contains("\nwait_seconds 2\n") && text.contains("\nwait_seconds_histogram_count 1\n"))
    #expect(text.contains("\n__total 1\n") && text.contains("\n____total 0\n"))
  }

  @Test func whatIsDestroyedIsGone() {
    let counter = CoreMetrics.Counter(label: "c", dimensions: [("a", "1")], factory: registry)
    let other = CoreMetrics.Counter(label: "c", dimensions: [("a", "2")], factory: registry)
    counter.increment()
    other.increment(by: 2)
    counter.destroy()
    #expect(!registry.exposition().contains("a=\"1\"") && registry.exposition().contains("c_total{a=\"2\"} 2\n"))
    other.reset()
    #expect(registry.exposition().contains("c_total{a=\"2\"} 0\n"))
  }

  /// The one test that may: a process bootstraps once.
  @Test func aProcessBootstrapsOnce() {
    let registry = MetricsRegistry.bootstrap()
    CoreMetrics.Counter(label: "bootstrapped").increment()
    #expect(registry.exposition().contains("bootstrapped_total 1\n"))
    #expect(registry.exposition().contains("process_cpu_seconds_total "))
  }
}
