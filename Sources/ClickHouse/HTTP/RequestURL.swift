import HTTPClient

/// The address of one request: settings, parameters and, for inserts, the statement as percent-encoded query items.
struct RequestURL {
  private(set) var text: String
  private var isFirst = true

  init(_ base: String) {
    text = base + "/"
  }

  mutating func add(_ name: String, _ value: String) {
    text.append(isFirst ? "?" : "&")
    isFirst = false
    PercentEncoding.append(name, to: &text)
    text.append("=")
    PercentEncoding.append(value, to: &text)
  }
}
