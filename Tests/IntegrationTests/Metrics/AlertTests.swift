import Foundation
import RealServers
import Testing

/// The alert file: Prometheus takes it, each alert fires when it shall and only then, and the page names them all.
@Suite struct AlertTests {
  private struct Alert {
    let name: String
    let severity: String
    let runbook: String
  }

  private static func alerts() throws -> [Alert] {
    let rule = #/- alert: (?<name>\w+)\n(?<body>(?:(?! *- alert:).*\n?)*)/#
    return try MetricsCatalogue.text("prometheus/alerts.yaml").matches(of: rule).map { match in
      func value(_ key: String) throws -> String {
        let line = match.body.split(separator: "\n").first { $0.contains(" \(key): ") }
        guard let line else { throw Failure("\(match.name) has no \(key)") }
        return line.split(separator: ":", maxSplits: 1)[1].trimmingCharacters(in: .whitespaces)
      }
      for key in ["summary", "description"] { _ = try value(key) }
      return Alert(name: String(match.name), severity: try value("severity"), runbook: try value("runbook"))
    }
  }

  @Test func prometheusTakesTheConfigurationAndTheRules() throws {
    try Promtool.succeeds(["check", "config", "prometheus/prometheus.yaml"])
    try Promtool.succeeds(["check", "rules", "prometheus/alerts.yaml"])
  }

  @Test func eachAlertFiresWhenItShallAndOnlyThen() throws {
    try Promtool.succeeds(["test", "rules", "prometheus/alerts_test.yaml"])
    let cases = try MetricsCatalogue.text("prometheus/alerts_test.yaml")
    for alert in try Self.alerts() {
      let question = "expr: 'count(ALERTS{alertname=\"\(alert.name)\", alertstate=\"firing\"})', exp_samples: "
      #expect(cases.contains(question + "[{"), "no case in which \(alert.name) fires")
      #expect(cases.contains(question + "[]"), "no case in which \(alert.name) does not fire")
    }
  }

  @Test func eachAlertIsOnThePageAndNamesASectionOfIt() throws {
    let alerts = try Self.alerts()
    let page = try MetricsCatalogue.text("docs/operations.md")
    let row = #/^\| `([A-Z]\w+)` \| (critical|warning|info) \| \S/#.anchorsMatchLineEndings()
    #expect(page.matches(of: row).map { "\($0.1) \($0.2)" } == alerts.map { "\($0.name) \($0.severity)" })
    let sections = Set(
      page.matches(of: #/^## (.+)$/#.anchorsMatchLineEndings()).map {
        "docs/operations.md#" + $0.1.lowercased().replacing(" ", with: "-")
      })
    for alert in alerts { #expect(sections.contains(alert.runbook), "\(alert.name): \(alert.runbook)") }
  }
}
