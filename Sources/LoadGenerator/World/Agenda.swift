/// Who acts next: a binary heap of (time, slot), earliest first; of equal times the one entered first.
struct Agenda: Sendable {
  private struct Entry: Sendable {
    var timeMs: Int64
    var order: UInt32
    var slot: Int32

    func precedes(_ other: Entry) -> Bool {
      timeMs != other.timeMs ? timeMs < other.timeMs : Int32(bitPattern: order &- other.order) < 0
    }
  }

  private var entries: [Entry] = []
  private var entered: UInt32 = 0

  var isEmpty: Bool { entries.isEmpty }
  /// Time of the earliest entry; the end of time when there is none.
  var nextTimeMs: Int64 { entries.first?.timeMs ?? .max }
  /// Slot of the earliest entry, of which there must be one.
  var nextSlot: Int { Int(entries[0].slot) }

  mutating func insert(slot: Int, atMs timeMs: Int64) {
    entries.append(Entry(timeMs: timeMs, order: entered, slot: Int32(slot)))
    entered &+= 1
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].precedes(entries[parent]) else { break }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Gives the earliest entry a later time.
  mutating func postponeFirst(toMs timeMs: Int64) {
    entries[0].timeMs = timeMs
    entries[0].order = entered
    entered &+= 1
    sink()
  }

  mutating func removeFirst() {
    let last = entries.removeLast()
    guard !entries.isEmpty else { return }
    entries[0] = last
    sink()
  }

  private mutating func sink() {
    let moving = entries[0]
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(moving) else { break }
      entries[hole] = entries[child]
      hole = child
    }
    entries[hole] = moving
  }
}
