import Telemetry
import Testing

@Suite struct MetricsTests {
  @Test func writesPrometheusText() {
    let registry = MetricsRegistry()
    registry.counter("events_total", help: "Events.", labels: ["type": "a\"b\\c\nd"]).increment(by: 3)
    registry.counter("events_total", help: "Events.", labels: ["type": "a\"b\\c\nd"]).increment()
    registry.gauge("lag", help: "Lag.").set(2.5)
    let histogram = registry.histogram("wait_seconds", help: "Wait.", labels: ["q": "x"], bounds: [0.1, 1])
    histogram.observe(.milliseconds(50))
    histogram.observe(0.1)
    histogram.observe(7)
    registry.gauges("partition_lag", help: "By partition.") {
      [.init(1, labels: ["p": "1"]), .init(4, labels: ["p": "0"])]
    }
    #expect(
      registry.exposition() == """
        # HELP events_total Events.
        # TYPE events_total counter
        events_total{type="a\\"b\\\\c\\nd"} 4
        # HELP lag Lag.
        # TYPE lag gauge
        lag 2.5
        # HELP partition_lag By partition.
        # TYPE partition_lag gauge
        partition_lag{p="0"} 4
        partition_lag{p="1"} 1
        # HELP wait_seconds Wait.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{q="x",le="0.1"} 2
        wait_seconds_bucket{q="x",le="1"} 2
        wait_seconds_bucket{q="x",le="+Inf"} 3
        wait_seconds_sum{q="x"} 7.15
        wait_seconds_count{q="x"} 3

        """)
  }

  @Test func countsFromManyTasks() async {
    let registry = MetricsRegistry()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          let (counter, gauge) = (registry.counter("c", help: ""), registry.gauge("g", help: ""))
          for _ in 0..<1000 {
            counter.increment()
            gauge.add(0.5)
          }
        }
      }
    }
    #expect(registry.counter("c", help: "").value == 8000)
    #expect(registry.gauge("g", help: "").value == 4000)
  }
}
