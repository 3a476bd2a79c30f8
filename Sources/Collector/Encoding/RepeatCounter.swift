import EventSchema
import Synchronization

/// Counts events whose `event_id` came before at another offset: sent twice by a producer. For the metrics only; what
/// becomes of a message never depends on it.
package final class RepeatCounter: Sendable {
  private let window: Mutex<RepeatWindow>
  private let isOn: Bool

  /// - Parameter events: how many ids are remembered, 8 bytes each; 0 for none.
  package init(events: Int) {
    window = Mutex(RepeatWindow(events: events))
    isOn = events > 0
  }

  /// Repeats among the rows of one block.
  func count(_ columns: EventColumns) -> Int {
    guard isOn, columns.rowCount > 0 else { return 0 }
    let marks = columns.withColumn(.eventID) { ids in
      columns.withColumn(.kafkaOffset) { offsets in
        guard case .fixed(let ids) = ids, case .fixed(let offsets) = offsets else {
          preconditionFailure("event_id and kafka_offset are of fixed width")
        }
        return (0..<columns.rowCount).map { row in
          RepeatWindow.Mark(
            ids.load(fromByteOffset: row * 16, as: UInt64.self),
            ids.load(fromByteOffset: row * 16 + 8, as: UInt64.self),
            offset: offsets.load(fromByteOffset: row * 8, as: UInt64.self))
        }
      }
    }
    return window.withLock { $0.countRepeats(marks) }
  }
}

/// The ids seen last, and at which offset: sets of seven, each one cache line with the place of its oldest.
///
/// An entry is 40 bits of the id's hash and 24 of the offset, so that a message read again (after a rebalance) is told
/// from one that was sent again.
package struct RepeatWindow: ~Copyable {
  private let sets: UnsafeMutablePointer<UInt64>
  private static let places = 8
  private let mask: UInt64
  /// Of no use but to be computed: else the fetches it is made of would be dropped.
  private var fetched: UInt64 = 0
  private static let offsetBits: UInt64 = 0xFF_FFFF

  /// - Parameter events: ids remembered, rounded up to a power of two.
  package init(events: Int) {
    var count = 1
    while count * Self.places < events { count *= 2 }
    mask = UInt64(count - 1)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 64, alignment: 64)
    sets = bytes.initializeMemory(as: UInt64.self, repeating: 0, count: count * Self.places)
  }

  deinit { sets.deallocate() }

  /// What is remembered of an event.
  package struct Mark: Sendable {
    fileprivate let hash: UInt64
    fileprivate let offset: UInt64

    package init(_ high: UInt64, _ low: UInt64, offset: UInt64) {
      let (upper, lower) = (high ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: low ^ 0xD6E8_FEB8_6659_FD93)
      hash = upper ^ lower ^ (high &+ low) &* 0xA24B_AED4_963E_E407
      self.offset = offset
    }
  }

  /// Remembers events.
  /// - Returns: how many of them were remembered from another offset.
  package mutating func countRepeats(_ marks: [Mark]) -> Int {
    var repeats = 0
    for first in stride(from: 0, to: marks.count, by: 16) {
      let group = marks[first..<min(first + 16, marks.count)]
      // All are fetched from memory before the first is looked at: one wait, not sixteen.
      for mark in group { fetched ^= sets[Int(mark.hash & mask) * Self.places] }
      for mark in group where isRepeated(mark) { repeats += 1 }
    }
    return repeats
  }

  @inline(__always) private func isRepeated(_ event: Mark) -> Bool {
    let set = sets + Int(event.hash & mask) * Self.places
    // Never zero, which is an empty entry.
    let mark = (event.hash | 1 << 63) & ~Self.offsetBits
    let entry = mark | event.offset & Self.offsetBits
    for place in 1..<Self.places where set[place] ^ mark <= Self.offsetBits { return set[place] != entry }
    let oldest = set[0] % UInt64(Self.places - 1) + 1
    set[Int(oldest)] = entry
    set[0] = oldest
    return false
  }
}
