import Blocking
import ClickHouse
import Collector
import EventSchema
import Foundation
import Kafka
import Testing

@Suite struct FlushPolicyTests {
  private let begin = Date(timeIntervalSince1970: 1_800_000_000)
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
        partition: partition, tenure: 1,
        machine: RangeMachine(partition: partition, tail: nil, committed: nil, logEnd: 0, window: 100),
        takenOverAtMs: 0)
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
    #expect(moment == begin.addingTimeInterval(1))
    let found = try #require(chosen(policy.next(lanes, now: moment)))
    #expect(found.lane == 0 && found.task == flush)
  }

  @Test func aLaneWithMuchToReadFillsUpFirst() throws {
    var lanes = lanes([10])
    lanes.lanes[0].logEnd = 1_000_000
    #expect(chosen(policy.next(lanes, now: begin.addingTimeInterval(1.5))) == nil)
    #expect(try #require(chosen(policy.next(lanes, now: begin.addingTimeInterval(5)))).task == flush)
    lanes.lanes[0].logEnd = 1_000
    #expect(try #require(chosen(policy.next(lanes, now: begin.addingTimeInterval(1)))).task == flush)
  }

  @Test mutating func aFullLaneGoesAtOnceTheLargestFirst() throws {
    configuration.flushRows = 50
    let found = try #require(chosen(policy.next(lanes([60, 40, 3_000]), now: begin)))
    #expect(found.lane == 2 && found.task == flush)
  }

  @Test mutating func shortOfMemoryTheFullestGoesBeforeItsTime() throws {
    let lanes = lanes([10, 3_000, 20])
    #expect(chosen(policy.next(lanes, now: begin)) == nil)
    configuration.bufferBytes = 650_000
    let found = try #require(chosen(policy.next(lanes, now: begin)))
    #expect(found.lane == 1 && found.task == flush)
  }

  @Test func aBlocksWorthIsEncodedWhenNothingIsDue() throws {
    var lanes = lanes([BlockEncoder.rows, 10], bytes: 10)
    let found = try #require(chosen(policy.next(lanes, now: begin)))
    #expect(found.lane == 0 && found.task == .encode(to: nil))
    #expect(try #require(chosen(policy.next(lanes, now: begin.addingTimeInterval(1)))).task == flush)
    let encoding = policy.next(lanes, now: begin.addingTimeInterval(1), encodingOnly: true)
    #expect(try #require(chosen(encoding)).task == .encode(to: nil))
    lanes.lanes[0].busy = true
    #expect(chosen(policy.next(lanes, now: begin)) == nil)
  }

  @Test mutating func inACrowdWhatIsThereIsEncoded() throws {
    let lanes = lanes([10, 3_000])
    #expect(chosen(policy.next(lanes, now: begin, encodingOnly: true)) == nil)
    configuration.bufferBytes = 2_000_000
    let found = try #require(chosen(policy.next(lanes, now: begin, encodingOnly: true)))
    #expect(found.lane == 1 && found.task == .encode(to: nil))
  }

  @Test mutating func aQuarterIsEnoughWhenNoMoreIsToCome() throws {
    configuration.flushRows = 4 * BlockEncoder.rows
    var lanes = lanes([BlockEncoder.rows], bytes: 10)
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == flush)
    lanes.lanes[0].logEnd = 1_000_000
    #expect(try #require(chosen(policy.next(lanes, now: begin))).task == .encode(to: nil))
  }

  private struct Unexpected: Error {}
}
