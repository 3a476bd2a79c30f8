/// Prometheus text exposition, one family after the other.
struct ExpositionText {
  private(set) var text = ""

  mutating func append(_ name: String, _ family: MetricsRegistry.Family) {
    let readings = family.reading?() ?? []
    if family.series.isEmpty, readings.isEmpty { return }
    text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n"
    let series = family.series.map { (Self.list($0.key), $0.value) }.sorted { $0.0 < $1.0 }
    for (labels, value) in series {
      switch value {
      case .counter(let counter): line(name, labels, String(counter.value))
      case .gauge(let gauge): line(name, labels, Self.number(gauge.value))
      case .histogram(let histogram): append(name, labels, histogram)
      }
    }
    for (labels, value) in readings.map({ (Self.list($0.labels), $0.value) }).sorted(by: { $0.0 < $1.0 }) {
      line(name, labels, Self.number(value))
    }
  }

  private mutating func append(_ name: String, _ labels: String, _ histogram: Histogram) {
    let state = histogram.snapshot
    let prefix = labels.isEmpty ? "" : labels + ","
    var cumulative: UInt64 = 0
    for (index, count) in state.counts.enumerated() {
      cumulative += count
      let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
      line(name + "_bucket", "\(prefix)le=\"\(bound)\"", String(cumulative))
    }
    line(name + "_sum", labels, Self.number(state.sum))
    line(name + "_count", labels, String(cumulative))
  }

  private mutating func line(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  private static func list(_ labels: MetricsRegistry.Labels) -> String {
    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }
      .joined(separator: ",")
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var out = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\"" where quotes: out += "\\\""
      default: out.unicodeScalars.append(character)
      }
    }
    return out
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }
}
