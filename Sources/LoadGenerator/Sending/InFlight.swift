/// What must be remembered of each message between sending it and the broker's word: a fixed number of slots.
struct InFlight {
  struct Entry {
    var intendedNs: Int64 = 0
    var occurredAtMs: Int64 = 0
    var digest = RowDigest()
    var fate: UInt8 = 0
    var topic: UInt8 = 0
  }

  private var entries: [Entry]
  private var free: [UInt32]

  init(slots: Int) {
    entries = Array(repeating: Entry(), count: slots)
    free = (0..<UInt32(slots)).reversed()
  }

  var isFull: Bool { free.isEmpty }
  var count: Int { entries.count - free.count }

  /// Takes a slot, of which there must be a free one; the token names it.
  mutating func put(_ entry: Entry) -> UInt64 {
    let slot = free.removeLast()
    entries[Int(slot)] = entry
    return UInt64(slot)
  }

  mutating func take(_ token: UInt64) -> Entry {
    free.append(UInt32(token))
    return entries[Int(token)]
  }
}
