import Blocking
import ClickHouse
import Collector
import EventSchema
import Kafka
import Testing

@Suite struct FlushPolicyTests {
  private let begin = ContinuousClock.now
  private var configuration = CollectorConfiguration(
    kafka: KafkaConfiguration(brokers: "unused"), topics: [],
    clickHouse: try! ClickHouseConfiguration(url: "http://localhost", database: "", user: "", password: ""),
    settings: EventSettings())

  init() { configuration.flushIntervalMs = 1_000 }

  private var policy: FlushPolicy { FlushPolicy(configuration) }

  /// Lanes with so many messages each, come at `begin`.
  private func lanes(_ counts: [Int], bytes: Int = 100) -> Lanes {
    var lanes = Lanes(keptChunks: 4)
    lanes.lanes = counts.indices.map { number in
      let partition = TopicPartition(topic: "t", partition: Int32(number))
      return Lane(
        partition: partition, assignment: 1,
        machine: RangeMachine(partition: partition, tail: nil, committed: nil, logEnd: 0, window: 100))
    }
    let value = [UInt8](repeating: 0x20, count: bytes)
    for (lane, count) in counts.enumerated() {
      for offset in 0..<Int64(count) {
        value.withUnsafeBytes { value in
          let none = UnsafeRawBufferPointer(start: nil, count: 0)
          lanes.append(
            BorrowedMessage(partition: Int32(lane), offset: offset, timestampMs: 0, key: none, value: value), to: lane,
            now: begin)
        }
      }
    }
    return lanes
  }

  private func chosen(_ waiting: Waiting<(lane: Int, task: FlushPolicy.Task)>) -> (lane: Int, task: FlushPolicy.Task)? {
    if case .done(let found) = waiting { found } else { nil }
  }

  private let flush = FlushPolicy.Task.step(.build(from: 0, to: nil))

  @Test func aLaneIsFlushedWhenItsOldestMessageHasWaited() throws {
    let lanes = lanes([10, 0])
    guard case .until(let moment) = policy.next(lanes, now: begin) else { throw Unexpected() }
    #expect(moment == begin + .seconds(1))
    let found = try #require(chosen(policy.next(lanes, now: moment)))
    #expect(found.lane == 0 && found.task == flush)
  }

  @Test func aLaneWithMuchToReadFillsUpFirst() throws {
    var lanes = lanes([10])
    lanes.lanes[0].logEnd = 1_000_000
    #expect(chosen(policy.next(lanes, now: begin + .milliseconds(1_500))) == nil)
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(5)))).task == flush)
    lanes.lanes[0].logEnd = 10 + Int64(CollectorLimits.blockRows)
    #expect(chosen(policy.next(lanes, now: begin + .milliseconds(1_500))) == nil)
    lanes.lanes[0].logEnd -= 1
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(1)))).task == flush)
  }

  private func done(_ lane: inout Lane, _ event: LaneState.Event) {
    var random = SeededGenerator(seed: 1)
    let retry = RetryPolicy(first: .milliseconds(100), longest: .seconds(10))
    _ = lane.state.take(event, at: begin, retry: retry, using: &random)
  }

  @Test mutating func aFullLaneGoesAtOnce() throws {
    configuration.flushRows = 50
    let found = try #require(chosen(policy.next(lanes([40, 60]), now: begin)))
    #expect(found.lane == 1 && found.task == flush)
  }

  @Test mutating func theMostOverdueGoesFirstHoweverSmall() throws {
    configuration.flushRows = 50
    var lanes = lanes([3_000, 1, 3_000])
    lanes.lanes[0].logEnd = 1_000_000
    lanes.lanes[2].logEnd = 1_000_000
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(1)))).lane == 1)
    // Also when memory is short.
    configuration.bufferBytes = 650_000
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(1)))).lane == 1)
  }

  @Test mutating func shortOfMemoryTheFullestGoesBeforeItsTime() throws {
    let lanes = lanes([10, 3_000, 20])
    #expect(chosen(policy.next(lanes, now: begin)) == nil)
    configuration.bufferBytes = 650_000
    let found = try #require(chosen(policy.next(lanes, now: begin)))
    #expect(found.lane == 1 && found.task == flush)
  }

  @Test func aBlocksWorthIsEncodedWhenNothingIsDue() throws {
    var lanes = lanes([CollectorLimits.blockRows, 10], bytes: 10)
    let found = try #require(chosen(policy.next(lanes, now: begin)))
    #expect(found.lane == 0 && found.task == .encode(to: nil))
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(1)))).task == flush)
    let encoding = policy.next(lanes, now: begin + .seconds(1), encodingOnly: true)
    #expect(try #require(chosen(encoding)).task == .encode(to: nil))
    done(&lanes.lanes[0], .encodingBegan)
    #expect(chosen(policy.next(lanes, now: begin)) == nil)
  }

  @Test func bytesMakeABlockToo() throws {
    let lanes = lanes([12], bytes: 200 << 10)
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == .encode(to: nil))
  }

  @Test mutating func inACrowdARangeIsCutEarlyAndNoBlock() throws {
    let lanes = lanes([10, 3_000])
    #expect(chosen(policy.next(lanes, now: begin)) == nil)
    configuration.bufferBytes = 2_000_000
    #expect(chosen(policy.next(lanes, now: begin, encodingOnly: true)) == nil)
    let found = try #require(chosen(policy.next(lanes, now: begin)))
    #expect(found.lane == 1 && found.task == flush)
  }

  @Test mutating func inACrowdOfMessagesBlocksAreMadeAndNoRangeIsCut() throws {
    var lanes = lanes([CollectorLimits.blockRows, 10])
    configuration.bufferBytes = 2_000_000
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == .encode(to: nil))
    done(&lanes.lanes[0], .encodingBegan)
    #expect(chosen(policy.next(lanes, now: begin)) == nil, "its block will make room")
  }

  @Test mutating func aQuarterIsEnoughWhenNoMoreIsToCome() throws {
    configuration.flushRows = 4 * 16_384
    var lanes = lanes([16_384], bytes: 10)
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == flush)
    lanes.lanes[0].logEnd = 1_000_000
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == .encode(to: nil))
  }

  @Test func aLaneThatFailedIsLeftAloneUntilItsTime() throws {
    var lanes = lanes([10, 10])
    let now = begin + .seconds(2)
    var random = SeededGenerator(seed: 1)
    let retry = RetryPolicy(first: .seconds(1), longest: .seconds(10), jitter: 0)
    _ = lanes.lanes[0].state.take(.stepBegan, at: now, retry: retry, using: &random)
    _ = lanes.lanes[0].state.take(.stepFailed(.insertUnderWay), at: now, retry: retry, using: &random)
    #expect(try #require(chosen(policy.next(lanes, now: now))).lane == 1)
    done(&lanes.lanes[1], .stepBegan)
    guard case .until(let moment) = policy.next(lanes, now: now) else { throw Unexpected() }
    #expect(moment == now + .seconds(1))
    #expect(try #require(chosen(policy.next(lanes, now: moment))).lane == 0)
  }

  @Test func whoRetriesLeavesOneWorkerToTheOthers() throws {
    var lanes = lanes([10, 10, 10])
    var random = SeededGenerator(seed: 1)
    let retry = RetryPolicy(first: .milliseconds(1), longest: .seconds(10), jitter: 0)
    for lane in 0..<2 {
      _ = lanes.lanes[lane].state.take(.stepBegan, at: begin, retry: retry, using: &random)
      _ = lanes.lanes[lane].state.take(.stepFailed(.insertUnderWay), at: begin, retry: retry, using: &random)
    }
    let now = begin + .milliseconds(500)
    _ = lanes.lanes[0].state.take(.stepBegan, at: now, retry: retry, using: &random)
    #expect(chosen(policy.next(lanes, now: now)) == nil, "the other's retry waits, the third is not due")
    #expect(try #require(chosen(policy.next(lanes, now: begin + .seconds(1)))).lane == 2)
  }

  private struct Unexpected: Error {}
}
