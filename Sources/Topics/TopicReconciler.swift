import Kafka

/// Brings a cluster to what a topics file says, and believes it only after reading it back.
///
/// Any number may run at once: what fails because another was faster is no difference any more when it is read again.
package struct TopicReconciler<Cluster: TopicCluster> {
  private let file: TopicFile
  private let cluster: Cluster
  /// Between two readings of a cluster that took every change but does not show all of them yet.
  private let pause: () -> Void
  private static var readings: Int { 20 }

  /// - Parameter pause: waits about half a second.
  package init(file: TopicFile, cluster: Cluster, pause: @escaping () -> Void) {
    self.file = file
    self.cluster = cluster
    self.pause = pause
  }

  package func plan() throws(KafkaError) -> TopicPlan {
    TopicPlan(
      file: file, cluster: try cluster.states(configurationOf: Set(file.topics.map(\.name))))
  }

  /// Applies what `plan()` finds.
  ///
  /// - Throws: only when the cluster cannot be read; what could not be changed is in the result.
  package func apply(_ done: (TopicChange) -> Void = { _ in }) throws(KafkaError) -> TopicOutcome {
    var plan = try plan()
    guard plan.refusals.isEmpty else { return TopicOutcome(applied: [], failures: [], remaining: plan) }
    var applied: [TopicChange] = []
    var failures: [(change: TopicChange, error: KafkaError)] = []
    for _ in 0..<Self.readings where !plan.changes.isEmpty {
      failures = []
      for change in plan.changes where !applied.contains(change) {
        do {
          try cluster.perform(change)
          applied.append(change)
          done(change)
        } catch {
          // Somebody else was faster; the next reading tells whether theirs is as ours should be.
          guard !error.isAlreadyExists else { continue }
          failures.append((change, error))
        }
      }
      let before = plan.changes
      plan = try self.plan()
      guard plan.refusals.isEmpty else { break }
      // Changes that failed and are still wanted will fail again; what else is left may only not be visible yet.
      if !failures.isEmpty, plan.changes.allSatisfy(before.contains) { break }
      if !plan.changes.isEmpty { pause() }
    }
    let lasting = failures.filter { plan.changes.contains($0.change) }
    return TopicOutcome(
      applied: applied,
      failures: lasting.map { TopicRemark(topic: $0.change.topic, text: Self.reason($0.change, $0.error)) },
      remaining: plan)
  }

  private static func reason(_ change: TopicChange, _ error: KafkaError) -> String {
    guard error.isUnsupported else { return error.description }
    return switch change {
    case .create: "this broker cannot create topics"
    case .addPartitions(_, let from, let to):
      "this broker cannot add partitions to a topic; it stays at \(from), wanted \(to)"
    case .configure(_, let entry, _, let to): "this broker cannot change a topic's configuration (\(entry) to \(to))"
    }
  }
}

/// What `apply` did.
package struct TopicOutcome: Sendable, Equatable {
  package let applied: [TopicChange]
  /// Changes that the broker refused and that are still wanted.
  package let failures: [TopicRemark]
  /// The plan as read back afterwards; without changes and refusals when all is as the file says.
  package let remaining: TopicPlan

  /// Configuration that the broker took without a word and does not show.
  package var unconfirmed: [TopicChange] {
    remaining.changes.filter { change in
      guard case .configure = change else { return false }
      return applied.contains(change)
    }
  }

  /// Nothing is left to do, as far as the broker shows it.
  package var isComplete: Bool { remaining.refusals.isEmpty && remaining.changes.count == unconfirmed.count }
}
