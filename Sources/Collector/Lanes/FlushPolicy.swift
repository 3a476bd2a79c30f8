import Blocking

/// When a lane's messages are encoded, when they become a range, and which lane goes first.
package struct FlushPolicy: Sendable {
  private let rows: Int
  private let bytes: Int
  private let interval: Duration
  private let budget: Int
  /// Workers that do steps.
  private let workers: Int
  /// A lane that has a block's worth of messages to read yet is left to fill up: so many flush intervals at the longest.
  private static let catchingUp = (unread: Int64(CollectorLimits.blockRows), intervals: 5)

  package init(_ configuration: CollectorConfiguration) {
    rows = configuration.flushRows
    bytes = configuration.flushBytes
    interval = .milliseconds(configuration.flushIntervalMs)
    budget = configuration.bufferBytes
    workers = configuration.workers
  }

  /// What a worker does with a lane.
  package enum Task: Sendable, Equatable {
    /// Encode one whole block, ending before `to` where that is settled.
    case encode(to: Int64?)
    case step(RangeMachine.Step)
  }

  /// Reading shall pause. Sooner where the encoding is what lags: messages take seven times the memory of their blocks.
  func isFull(_ lanes: Lanes) -> Bool { lanes.bytes >= budget || lanes.messageBytes >= budget / 8 * 3 }

  /// Reading may go on. Lower than the limit, for pausing costs librdkafka its fetched messages.
  func hasRoom(_ lanes: Lanes) -> Bool { lanes.bytes < budget / 4 * 3 && lanes.messageBytes < budget / 4 }

  /// Room gets short: the fullest lane goes before its time, so that reading need not pause. Not sooner than now, for an
  /// INSERT and its parts cost by their number as well as by their rows. Where messages are what fills it, blocks are made
  /// of them; only where no whole block can be made, they go as a short range: the borders of blocks never depend on memory.
  func isShort(_ lanes: Lanes) -> Bool {
    if lanes.bytes >= budget / 8 * 7 { return true }
    return lanes.messageBytes >= budget / 4 && !lanes.lanes.contains { hasBlock($0) && $0.encodable.yes }
  }

  /// Whether a lane is large enough to flush before its time: full, or a quarter of that and no more is to come soon.
  func isLarge(_ lane: Lane) -> Bool {
    lane.messages >= rows || lane.messageBytes >= bytes
      || (lane.messages >= max(rows / 4, Int(Self.catchingUp.unread)) && lane.unread < Self.catchingUp.unread)
  }

  /// Whether the messages that wait surely make a whole block.
  func hasBlock(_ lane: Lane) -> Bool {
    lane.buffer.messages >= CollectorLimits.blockRows || lane.buffer.messageBytes >= CollectorLimits.blockMessageBytes
  }

  /// When a lane's oldest message has waited long enough; nil when it has none.
  func due(_ lane: Lane) -> ContinuousClock.Instant? {
    let patience = lane.unread >= Self.catchingUp.unread ? Self.catchingUp.intervals : 1
    return lane.oldest.map { $0.instant + interval * patience }
  }

  /// Chooses what to do next: of the lanes whose range has a step to do, the most overdue; where none is overdue and memory
  /// is short, the fullest; else a block to encode.
  /// - Parameter encodingOnly: for who must not be kept by an INSERT.
  /// - Returns: the lane and the task, or until when there is nothing to do.
  package func next(
    _ lanes: Lanes, now: ContinuousClock.Instant, encodingOnly: Bool = false
  ) -> Waiting<(lane: Int, task: Task)> {
    var best: (lane: Int, due: ContinuousClock.Instant, bytes: Int, step: RangeMachine.Step)?
    var block: (lane: Int, task: Task)?
    var soonest = now + .seconds(1)
    let isShort = isShort(lanes)
    let fullest = isShort ? lanes.lanes.map { $0.state.isBusy ? 0 : $0.bytes }.max() ?? 0 : .max
    // Who tries again what failed leaves one worker to the others.
    let retriesAllowed = lanes.lanes.count { $0.state.isRetrying } < max(1, workers - 1)
    for (position, lane) in lanes.lanes.enumerated() where !lane.state.isBusy && lane.state.phase != .givenUp {
      if hasBlock(lane), lane.encodable.yes,
        block.map({ lanes.lanes[$0.lane].buffer.bytes < lane.buffer.bytes }) ?? true
      {
        block = (position, .encode(to: lane.encodable.to))
      }
      if encodingOnly || (lane.state.isFailing && !retriesAllowed) { continue }
      if let moment = lane.state.wait(at: now) {
        soonest = min(soonest, moment)
        continue
      }
      // A range that has begun goes on by the age of its messages; without any, by that of its wait.
      var due = due(lane) ?? now
      // What failed is due since its retry was, not since its messages came: else it would always go first.
      if case .waiting(let until) = lane.state.phase { due = max(due, until) }
      let isDue = lanes.draining || due <= now || isLarge(lane) || (lane.bytes >= fullest && !lane.isEmpty)
      let step = lane.machine.step(bufferedTo: lane.buffer.endOffset, due: isDue && !lane.isEmpty)
      switch step {
      case .wait: if due > now { soonest = min(soonest, due) }
      case .halt: break
      default:
        let goesFirst = best.map { best in
          isShort && due > now && best.due > now ? lane.bytes > best.bytes : due < best.due
        }
        if goesFirst ?? true { best = (position, due, lane.bytes, step) }
      }
    }
    if let best { return .done((best.lane, .step(best.step))) }
    return block.map(Waiting.done) ?? .until(soonest)
  }
}
