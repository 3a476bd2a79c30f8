import Blocking
import Foundation

/// When a lane's messages are encoded, when they become a range, and which lane goes first.
package struct FlushPolicy: Sendable {
  let rows: Int
  let bytes: Int
  let interval: TimeInterval
  let budget: Int
  /// A lane that has so many messages to read yet is left to fill up: so many flush intervals at the longest.
  private static let catchingUp = (unread: Int64(BlockEncoder.rows), intervals: 5.0)

  package init(_ configuration: CollectorConfiguration) {
    rows = configuration.flushRows
    bytes = configuration.flushBytes
    interval = Double(configuration.flushIntervalMs) / 1000
    budget = configuration.bufferBytes
  }

  /// What a worker does with a lane.
  package enum Task: Equatable {
    /// Encode one block, ending before `to` where that is settled.
    case encode(to: Int64?)
    case step(RangeMachine.Step)
  }

  /// Reading shall pause. Sooner where the encoding is what lags: messages take seven times the memory of their blocks.
  func isFull(_ lanes: Lanes) -> Bool { lanes.bytes >= budget || lanes.messageBytes >= budget / 8 * 3 }

  /// Reading may go on. Lower than the limit, for pausing costs librdkafka its fetched messages.
  func hasRoom(_ lanes: Lanes) -> Bool { lanes.bytes < budget / 4 * 3 && lanes.messageBytes < budget / 4 }

  /// Room gets short: the largest lanes go before their time, so that reading need not pause. Not sooner than now, for an
  /// INSERT and its parts cost by their number as well as by their rows.
  func isShort(_ lanes: Lanes) -> Bool { lanes.bytes >= budget / 8 * 7 }

  /// Whether a lane is large enough to flush before its time: full, or a quarter of that and no more is to come soon.
  func isLarge(_ lane: Lane) -> Bool {
    lane.messages >= rows || lane.queue.messageBytes + lane.buffer.bytes >= bytes
      || (lane.messages >= max(rows / 4, BlockEncoder.rows) && lane.unread < Self.catchingUp.unread)
  }

  /// Messages take much of the room: they are encoded though they make no whole block yet.
  func isCrowded(_ lanes: Lanes) -> Bool { lanes.messageBytes >= budget / 4 }

  /// Whether so many messages wait that they make a block.
  func hasBlock(_ lane: Lane) -> Bool {
    lane.buffer.messages >= BlockEncoder.rows || lane.buffer.bytes >= BlockEncoder.messageBytes
  }

  /// When a lane's oldest message has waited long enough; nil when it has none.
  func ripe(_ lane: Lane) -> Date? {
    let patience = lane.unread >= Self.catchingUp.unread ? Self.catchingUp.intervals : 1
    return lane.oldest.map { $0.addingTimeInterval(interval * patience) }
  }

  /// Chooses what to do next: of the lanes whose range has a step to do, the one with most bytes; else a block to encode.
  /// - Parameter encodingOnly: for who must not be kept by an INSERT.
  /// - Returns: the lane and the task, or until when there is nothing to do.
  package func next(_ lanes: Lanes, now: Date, encodingOnly: Bool = false) -> Waiting<(lane: Int, task: Task)> {
    var best: (lane: Int, task: Task)?
    var block: (lane: Int, task: Task)?
    var soonest = now.addingTimeInterval(1)
    let fullest = isShort(lanes) ? lanes.lanes.map { $0.busy ? 0 : $0.bytes }.max() ?? 0 : Int.max
    let isCrowded = isCrowded(lanes)
    for (position, lane) in lanes.lanes.enumerated() where !lane.busy {
      if hasBlock(lane) || (isCrowded && !lane.buffer.isEmpty), lane.machine.gathering.yes,
        block.map({ lanes.lanes[$0.lane].buffer.bytes < lane.buffer.bytes }) ?? true
      {
        block = (position, .encode(to: lane.machine.gathering.to))
      }
      if encodingOnly { continue }
      if let notBefore = lane.notBefore, notBefore > now, !lanes.draining {
        soonest = min(soonest, notBefore)
        continue
      }
      let ripe = ripe(lane)
      let due =
        lanes.draining || isLarge(lane) || (ripe.map { $0 <= now } ?? false) || (lane.bytes >= fullest && !lane.isEmpty)
      let step = lane.machine.step(bufferedTo: lane.buffer.endOffset, due: due)
      switch step {
      case .wait: if let ripe, ripe > now { soonest = min(soonest, ripe) }
      case .halt: break
      default:
        if best.map({ lanes.lanes[$0.lane].bytes < lane.bytes }) ?? true { best = (position, .step(step)) }
      }
    }
    return (best ?? block).map(Waiting.done) ?? .until(soonest)
  }
}
