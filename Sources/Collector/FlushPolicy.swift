import Foundation

/// When a lane's buffered messages become a range, and which lane goes first.
struct FlushPolicy: Sendable {
  let rows: Int
  let bytes: Int
  let interval: TimeInterval
  let budget: Int

  init(_ configuration: CollectorConfiguration) {
    rows = configuration.flushRows
    bytes = configuration.flushBytes
    interval = Double(configuration.flushIntervalMs) / 1000
    budget = configuration.bufferBytes
  }

  /// Reading shall pause.
  func isFull(_ lanes: Lanes) -> Bool { lanes.bytes >= budget }

  /// Reading may go on. Lower than the limit, for pausing costs librdkafka its fetched messages.
  func hasRoom(_ lanes: Lanes) -> Bool { lanes.bytes < budget / 4 * 3 }

  /// Room gets short: the largest lanes go before their time, so that reading need not pause. Not sooner than now, for an
  /// INSERT and its parts cost by their number as well as by their rows.
  func isShort(_ lanes: Lanes) -> Bool { lanes.bytes >= budget / 8 * 7 }

  /// Whether a lane is large enough to flush before its time.
  func isLarge(_ lane: Lane) -> Bool { lane.buffer.messages >= rows || lane.buffer.bytes >= bytes }

  /// Chooses the next lane to work on: the one with most bytes among those due.
  /// - Returns: the lane and its step, or until when there is nothing to do.
  func next(_ lanes: Lanes, now: Date) -> Waiting<(lane: Int, step: RangeMachine.Step)> {
    var best: (lane: Int, step: RangeMachine.Step)?
    var soonest = now.addingTimeInterval(1)
    let fullest = isShort(lanes) ? lanes.lanes.map { $0.busy ? 0 : $0.buffer.bytes }.max() ?? 0 : Int.max
    for (position, lane) in lanes.lanes.enumerated() where !lane.busy {
      if let notBefore = lane.notBefore, notBefore > now, !lanes.draining {
        soonest = min(soonest, notBefore)
        continue
      }
      let ripe = lane.oldest.map { $0.addingTimeInterval(interval) }
      let due =
        lanes.draining || isLarge(lane) || (ripe.map { $0 <= now } ?? false)
        || (lane.buffer.bytes >= fullest && !lane.buffer.isEmpty)
      let step = lane.machine.step(bufferedTo: lane.buffer.endOffset, due: due)
      switch step {
      case .wait: if let ripe, ripe > now { soonest = min(soonest, ripe) }
      case .halt: break
      default:
        if best.map({ lanes.lanes[$0.lane].buffer.bytes < lane.buffer.bytes }) ?? true { best = (position, step) }
      }
    }
    return best.map(Waiting.done) ?? .until(soonest)
  }
}
