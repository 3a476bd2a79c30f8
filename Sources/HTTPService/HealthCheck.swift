/// One thing a role needs before it can do its work.
package struct HealthCheck: Sendable {
  package enum Outcome: Sendable, Equatable {
    case ready
    /// With the reason, for the operator: "ClickHouse refuses the reader's password".
    case notReady(String)
  }

  package let name: String
  package let run: @Sendable () async -> Outcome

  package init(_ name: String, run: @escaping @Sendable () async -> Outcome) {
    self.name = name
    self.run = run
  }

  /// The outcome, or not ready when it takes longer than `limit`.
  func outcome(within limit: Duration) async -> Outcome {
    await withTaskGroup(of: Outcome.self) { group in
      group.addTask { await run() }
      group.addTask {
        try? await Task.sleep(for: limit)
        return .notReady("no answer within \(limit)")
      }
      let first = await group.next() ?? .notReady("no answer")
      group.cancelAll()
      return first
    }
  }
}
