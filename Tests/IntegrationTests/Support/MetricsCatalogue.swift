import Foundation
import RealServers

/// A metric as docs/operations.md, the sources or a live process have it.
struct NamedMetric: Hashable, Comparable, CustomStringConvertible {
  let name: String
  /// counter, gauge or histogram
  let kind: String

  var description: String { "\(kind) \(name)" }
  static func < (a: Self, b: Self) -> Bool { a.name < b.name }
}

/// Where metrics are named.
enum MetricsCatalogue {
  static func text(_ path: String) throws -> String {
    try String(contentsOf: Kartoteka.root.appending(path: path), encoding: .utf8)
  }

  /// The rows of docs/operations.md: each metric with its labels.
  static func documented() throws -> [NamedMetric: Set<String>] {
    let row = #/^\| `(?<name>[a-z_]+)` \| (?<kind>counter|gauge|histogram) \|(?<labels>[^|]*)\| \S/#
      .anchorsMatchLineEndings()
    return try text("docs/operations.md").matches(of: row).reduce(into: [:]) { found, match in
      found[NamedMetric(name: String(match.name), kind: String(match.kind))] = Set(
        match.labels.matches(of: #/`([a-z_]+)`/#).map { String($0.1) })
    }
  }

  /// What the program registers.
  static func registered() throws -> Set<NamedMetric> {
    let call = #/metrics\??\.(?<kind>counter|gauge|histogram)s?\(\s*(?:prefix \+ )?"(?<name>[a-z_]+)"/#
    let process = #/registry\.(?<kind>counter|gauge)s\("(?<name>[a-z_]+)"/#
    var found: Set<NamedMetric> = []
    for file in try FileManager.default.subpathsOfDirectory(atPath: Kartoteka.root.appending(path: "Sources").path)
    where file.hasSuffix(".swift") {
      let source = try text("Sources/" + file)
      for match in source.matches(of: call) { found.insert(.init(name: String(match.name), kind: String(match.kind))) }
      for match in source.matches(of: process) {
        found.insert(.init(name: String(match.name), kind: String(match.kind)))
      }
    }
    return found
  }

  /// What a process shows: its families, and the labels of their series (`le` is the histogram's own).
  /// - Parameter service: a domain service, whose HTTP metrics begin with its name.
  static func shown(_ exposition: String, of service: String = "") -> [NamedMetric: Set<String>] {
    var found: [NamedMetric: Set<String>] = [:]
    var family: NamedMetric?
    for line in exposition.split(separator: "\n") {
      if let match = line.firstMatch(of: #/^# TYPE (\S+) (\S+)/#) {
        let name = String(match.1)
        let isOwn = name.hasPrefix("\(service)_http_") && service != "gateway"
        family = NamedMetric(
          name: isOwn ? String(name.dropFirst(service.count + 1)) : name, kind: String(match.2))
      } else if let family, !line.hasPrefix("#") {
        let labels = Set(line.matches(of: #/[{,]([a-z_]+)="/#).map { String($0.1) })
        found[family, default: []].formUnion(labels.subtracting(["le"]))
      }
    }
    return found
  }
}
