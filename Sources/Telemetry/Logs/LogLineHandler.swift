import CivilTime
import Foundation
import JSON
import Logging

/// One line a record on standard error: JSON for machines, or `time level message key=value` for a terminal.
///
/// Values under a key that names a secret (`password`, `token`, …) are never written.
struct LogLineHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  let label: String
  let format: LogFormat
  let sink: LogSink

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
    if let own = event.metadata { fields.merge(own) { $1 } }
    if let error = event.error { fields["error"] = "\(error)" }
    if let id = fields.removeValue(forKey: "hb.request.id") { fields["request_id"] = id }
    // Foundation's format styles take longer for this than all the rest of a line does.
    let time = Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000)).fullISOText
    let sorted = fields.sorted { $0.key < $1.key }.map { ($0.key, Self.text($0.key, $0.value)) }
    switch format {
    case .json:
      var line = "{\"time\":\"\(time)\",\"level\":\"\(event.level)\",\"logger\":"
      JSONText.append(label, to: &line)
      line += ",\"message\":"
      JSONText.append(event.message.description, to: &line)
      for (key, value) in sorted {
        line += ","
        JSONText.append(Self.reserved.contains(key) ? key + "_" : key, to: &line)
        line += ":"
        JSONText.append(value, to: &line)
      }
      sink.write(line + "}\n")
    case .text:
      let level = event.level.rawValue.uppercased().padding(toLength: 7, withPad: " ", startingAt: 0)
      let pairs = sorted.map { " \($0.0)=\($0.1.contains(" ") ? JSONText.quoted($0.1) : $0.1)" }.joined()
      let message = event.message.description.replacingOccurrences(of: "\n", with: "\\n")
      sink.write("\(time) \(level) \(label): \(message)\(pairs)\n")
    }
  }

  private static let reserved: Set<String> = ["time", "level", "logger", "message"]
  private static let secrets = ["password", "passwd", "secret", "token", "authorization", "cookie", "api_key"]

  private static func text(_ key: String, _ value: Logger.MetadataValue) -> String {
    let name = key.lowercased()
    if secrets.contains(where: name.contains) { return "•••" }
    return value.description
  }
}
