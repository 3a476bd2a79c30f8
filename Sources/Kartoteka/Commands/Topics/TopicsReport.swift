import Topics

/// The JSON of `topics plan` and `topics apply`.
struct TopicsReport: Encodable {
  var changes: [Change]
  var applied: [Change]?
  var failures: [Remark]?
  var refusals: [Remark]
  var notes: [Remark]

  init(plan: TopicPlan) {
    changes = plan.changes.map(Change.init)
    refusals = plan.refusals.map(Remark.init)
    notes = plan.notes.map(Remark.init)
  }

  /// `changes` are then those still open.
  init(outcome: TopicOutcome) {
    self.init(plan: outcome.remaining)
    applied = outcome.applied.map(Change.init)
    failures = outcome.failures.map(Remark.init)
  }

  struct Remark: Encodable {
    let topic: String
    let text: String

    init(_ remark: TopicRemark) {
      topic = remark.topic
      text = remark.text
    }
  }

  struct Change: Encodable {
    let topic: String
    /// `create`, or the field that differs.
    let field: String
    var from: String?
    var to: String?

    init(_ change: TopicChange) {
      topic = change.topic
      switch change {
      case .create: field = "create"
      case .addPartitions(_, let from, let to): (field, self.from, self.to) = ("partitions", String(from), String(to))
      case .configure(_, let entry, let from, let to): (field, self.from, self.to) = (entry, from, to)
      }
    }
  }

  /// One topic of `topics list`.
  struct Row: Encodable {
    let topic: String
    let partitions: Int
    let replicationFactor: Int
    let retention: String?
    let cleanupPolicy: String?
    let declared: Bool

    init(_ state: TopicState, declared: Bool) {
      topic = state.name
      partitions = state.partitions
      replicationFactor = state.replicationFactor
      retention = state.configuration?["retention.ms"].map { Retention(kafkaValue: $0)?.description ?? $0 }
      cleanupPolicy = state.configuration?["cleanup.policy"]
      self.declared = declared
    }
  }
}
