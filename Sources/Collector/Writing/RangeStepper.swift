import Blocking
import Kafka

/// Does the steps of a lane's range: encodes, claims, renews, inserts, reconciles, finishes. Keeps nothing between two steps,
/// so that a lane may be given back and taken up by another worker after each.
///
/// Confined to one thread, as its connections are.
final class RangeStepper {
  private let lanes: Monitor<Lanes>
  private let configuration: CollectorConfiguration
  /// This process in the ledger, a UUID.
  private let name: String
  private let encoder: any RangeEncoder
  private let ledger: RangeLedger
  private let recovery: Recovery
  private let inserter: any RangeInserter
  private let membership: any GroupMembership
  private let report: any WorkerReport
  /// Parts that every deduplication window surely remembers.
  private let window: UInt64
  private let now: () -> ContinuousClock.Instant

  init(
    lanes: Monitor<Lanes>, configuration: CollectorConfiguration, name: String, encoder: any RangeEncoder,
    ledger: RangeLedger, recovery: Recovery, inserter: any RangeInserter, membership: any GroupMembership,
    report: any WorkerReport, window: UInt64, now: @escaping () -> ContinuousClock.Instant
  ) {
    self.lanes = lanes
    self.configuration = configuration
    self.name = name
    self.encoder = encoder
    self.ledger = ledger
    self.recovery = recovery
    self.inserter = inserter
    self.membership = membership
    self.report = report
    self.window = window
    self.now = now
  }

  /// Does a step of the job's range. Throws what stands in the way.
  func perform(_ step: RangeMachine.Step, _ job: WorkerJob) throws(StepFailure) -> RangeMachine.Outcome {
    do {
      return try attempt(step, job)
    } catch {
      guard case .notRecovered = error else { throw error }
      try recovery.run()
      throw .notYet(milliseconds: 0)
    }
  }

  private func attempt(_ step: RangeMachine.Step, _ job: WorkerJob) throws(StepFailure) -> RangeMachine.Outcome {
    switch step {
    case .wait, .halt: preconditionFailure("a job has something to do")
    case .build(let from, let to):
      return .built(try build(job, from: from, to: to).intent)
    case .claim(let intent):
      let answer = try ledger.claim(intent)
      return .claimed(first: answer.first, answer.lease)
    case .renew(let intent):
      // A sleeper's row would make the owner wait for its lease.
      try membership.prove(intent.partition, at: intent.range.from)
      let answer = try ledger.renew(intent)
      try ledger.fence(intent)
      // The lease began before this proof: whoever proves and then sleeps wakes to a lease that is over.
      try membership.prove(intent.partition, at: intent.range.from)
      return .renewed(answer.lease, answer.entry)
    case .insert(let intent, let lease):
      return try inserter.insert(try range(of: intent, job), lease) ? .written : .leaseOver
    case .mark(let intent):
      let wait = try ledger.othersRun(intent)
      if wait > 0 { throw .notYet(milliseconds: wait) }
      try ledger.fence(intent)
      try membership.prove(intent.partition, at: intent.range.from)
      let lease = try ledger.mark(intent)
      try membership.prove(intent.partition, at: intent.range.from)
      report.reconciling(intent)
      return .marked(lease)
    case .reconcile(let intent, let lease):
      let range = try range(of: intent, job)
      try ledger.fence(intent)
      let epochs = try ledger.epochs(of: intent, window: window)
      // Another's mark came after ours, or ours is too old or of an earlier run: mark anew, for an epoch of its own.
      guard let ours = epochs.last, ours.writer == intent.writer, ours.incarnation == lease.incarnation,
        ours.partsSince < window
      else { return .leaseOver }
      return try inserter.reconcile(range, lease, epochs, window: window) ? .written : .leaseOver
    case .finish(let intent):
      // A commit that fails costs the next owner one repeated range, which ClickHouse drops.
      membership.commit(intent.partition, end: intent.range.to)
      return .finished
    }
  }

  /// Encodes the oldest messages of the lane that are not yet, as one block.
  /// - Returns: what the lane has encoded then; nil when there was nothing to encode, or the lane is gone.
  @discardableResult
  func encodeNext(_ job: WorkerJob, limit: Int = .max, to: Int64?) -> BlockQueue? {
    let loan = lanes.withLock { $0.lend(job.partition, assignment: job.assignment) }
    guard let loan else { return nil }
    var cursor = loan.start
    let block = encoder.encode(job.partition, loan.chunks, from: &cursor, limit: limit, to: to)
    return lanes.withLock { state in
      guard let block, let position = state.position(of: job.partition, assignment: job.assignment) else { return nil }
      state.absorb(block, to: cursor, in: position)
      return state.lanes[position].queue
    }
  }

  /// Encodes what is left of the range, and puts its blocks together.
  private func build(_ job: WorkerJob, from: Int64, to: Int64?) throws(StepFailure) -> BuiltRange {
    let blocks = if let to { try claimedBlocks(job, to: to) } else { try newBlocks(job) }
    let built = BuiltRange(
      job.partition, from: from, to: to, blocks: blocks, decoder: encoder.fingerprint, writer: name, cutAt: job.begun)
    lanes.withLock { state in
      guard let position = state.position(of: job.partition, assignment: job.assignment) else { return }
      state.lanes[position].built = built
    }
    return built
  }

  /// The blocks of a range that nobody has claimed: whole ones as far as one range goes, and, where it has room, what is left
  /// of the messages as its last.
  private func newBlocks(_ job: WorkerJob) throws(StepFailure) -> [EncodedBlock] {
    var queue = try queue(job)
    while queue.isOpen, queue.messages < configuration.flushRows, queue.messageBytes < configuration.flushBytes {
      guard let more = encodeNext(job, limit: configuration.flushRows - queue.messages, to: nil) else { break }
      queue = more
    }
    // Given up, or taken away meanwhile.
    guard !queue.blocks.isEmpty else { throw .laneGone }
    return queue.range(rows: CollectorLimits.rangeRows, bytes: CollectorLimits.rangeMessageBytes)
  }

  /// The blocks of a range that ends at `to`.
  private func claimedBlocks(_ job: WorkerJob, to: Int64) throws(StepFailure) -> [EncodedBlock] {
    while true {
      let before = try queue(job)
      guard let more = encodeNext(job, to: to) else { break }
      // A block that was a shorter range's last is not what this range has there.
      if !before.isOpen && more.blocks.count > before.blocks.count { throw .messagesEncoded }
    }
    // Or it ends inside a block: the messages are no longer here.
    guard let blocks = try queue(job).blocks(before: to) else { throw .messagesEncoded }
    return blocks
  }

  private func queue(_ job: WorkerJob) throws(StepFailure) -> BlockQueue {
    let queue = lanes.withLock { state in
      state.position(of: job.partition, assignment: job.assignment).map { state.lanes[$0].queue }
    }
    guard let queue else { throw .laneGone }
    return queue
  }

  /// The range's blocks, as they were put together.
  private func range(of intent: RangeIntent, _ job: WorkerJob) throws(StepFailure) -> BuiltRange {
    let built = lanes.withLock { state in
      state.position(of: job.partition, assignment: job.assignment).flatMap { state.lanes[$0].built }
    }
    guard let built, built.intent == intent else { throw .laneGone }
    return built
  }
}
