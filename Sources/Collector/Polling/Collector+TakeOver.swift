import Kafka

extension Collector {
  /// Reads where each new partition's chain ends, and begins to read messages there.
  func takeOver() throws {
    let committed = try kafka { () throws(KafkaError) in try consumer.committed(awaiting, timeoutMs: 5_000) }
    var new: [Lane] = []
    var offsets: [TopicPartition: Int64] = [:]
    for partition in awaiting {
      let ends = try kafka { () throws(KafkaError) in try consumer.watermarks(of: partition, timeoutMs: 5_000) }
      let tail = try ledger.tail(of: partition)
      var logEnd = ends.atLeast
      if let tail, tail.intent.range.to > logEnd {
        logEnd = try kafka { () throws(KafkaError) in try consumer.logEnd(of: partition, timeoutMs: 10_000) }
      }
      let machine = RangeMachine(
        partition: partition, tail: tail, committed: committed[partition], logEnd: logEnd, window: window)
      if case .halted(let why) = machine.state { throw CollectorFailure(description: why) }
      offsets[partition] = max(ends.low, machine.readFrom)
      // What a chain has not reached and Kafka no longer has. Without a chain, nobody was there to lose it.
      if let end = tail?.intent.range.to { tellLoss(of: partition, OffsetRange(from: end, to: ends.low)) }
      new.append(
        Lane(
          partition: partition, assignment: lanes.withLock { $0.takeAssignment() }, machine: machine,
          logStart: ends.low))
    }
    lanes.withLock { $0.replaceAll(with: new) }
    try kafka { () throws(KafkaError) in try consumer.assign(offsets) }
    // A partition that was ours before may still be paused.
    consumer.resume(awaiting)
    report.assigned(awaiting)
    awaiting = []
  }

  /// Asks Kafka whether messages that did not come were deleted, or were never there.
  func checkGaps() {
    let gaps = lanes.withLock { state in
      state.lanes.indices.compactMap { lane -> (TopicPartition, OffsetRange)? in
        defer { state.lanes[lane].gap = nil }
        return state.lanes[lane].gap.map { (state.lanes[lane].partition, $0) }
      }
    }
    for (partition, gap) in gaps {
      guard let low = try? consumer.watermarks(of: partition, timeoutMs: 1_000).low else { continue }
      tellLoss(of: partition, OffsetRange(from: gap.from, to: min(gap.to, low)))
    }
  }

  /// Tells of offsets that were lost, each once.
  private func tellLoss(of partition: TopicPartition, _ range: OffsetRange) {
    let from = max(range.from, lostUpTo[partition] ?? 0)
    guard range.to > from else { return }
    lostUpTo[partition] = range.to
    report.lost(partition, OffsetRange(from: from, to: range.to))
  }

  private func kafka<Result>(_ body: () throws(KafkaError) -> Result) throws(StepFailure) -> Result {
    do { return try body() } catch { throw .kafka(error) }
  }
}
