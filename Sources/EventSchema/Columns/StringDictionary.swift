/// The distinct strings of a LowCardinality column, numbered in order of first appearance; number 0 is "".
///
/// An open-addressed table over one run of bytes. It grows with whatever it is given, so hostile cardinality costs memory
/// (bounded by the rows and `stringByteLimit` of its columns), never correctness. The hash is seeded per process against
/// chosen collisions; numbers do not depend on it.
struct StringDictionary: ~Copyable {
  private static let seed = UInt64.random(in: .min ... .max)
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let initialEntries = 512

  /// Entries, the empty string included.
  private(set) var count = 1
  private var arena = ByteArena()
  private var entryCapacity = initialEntries
  /// Per entry: end of its bytes in `arena`, its hash, and the slot it sits in.
  private var ends: UnsafeMutablePointer<UInt32>
  private var hashes: UnsafeMutablePointer<UInt64>
  private var places: UnsafeMutablePointer<UInt32>
  /// Entry numbers, 0 = free; twice as many as entries, a power of two.
  private var slots: UnsafeMutablePointer<UInt32>
  private let seed = Self.seed

  init() {
    ends = .allocate(capacity: Self.initialEntries)
    hashes = .allocate(capacity: Self.initialEntries)
    places = .allocate(capacity: Self.initialEntries)
    slots = .allocate(capacity: Self.initialEntries * 2)
    ends.initialize(repeating: 0, count: Self.initialEntries)
    hashes.initialize(repeating: 0, count: Self.initialEntries)
    places.initialize(repeating: 0, count: Self.initialEntries)
    slots.initialize(repeating: 0, count: Self.initialEntries * 2)
  }

  deinit {
    ends.deallocate()
    hashes.deallocate()
    places.deallocate()
    slots.deallocate()
  }

  /// Bytes of all entries.
  var byteCount: Int { arena.count }
  /// All entries' bytes, one after another.
  var bytes: UnsafeRawBufferPointer { arena.bytes }
  /// Where each entry ends in `bytes`.
  var entryEnds: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: ends, count: count) }

  /// The number of a string. Eight bytes must be readable at `bytes` whatever `length` is.
  @inline(__always) mutating func intern(_ bytes: UnsafeRawPointer, count length: Int) -> UInt32 {
    if length == 0 { return 0 }
    var hash = seed ^ UInt64(truncatingIfNeeded: length) &* Self.multiplier
    let tail: UInt64
    if length > 8 {
      let last = length &- 8
      var offset = 0
      repeat {
        hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* Self.multiplier
        hash ^= hash &>> 32
        offset &+= 8
      } while offset < last
      tail = bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    } else {
      tail = bytes.loadUnaligned(as: UInt64.self) & lowBytes(length)
    }
    hash = (hash ^ tail) &* Self.multiplier
    hash ^= hash &>> 29

    let mask = entryCapacity &* 2 &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let number = slots[slot]
      if number == 0 { return add(bytes, length, hash, slot) }
      let entry = Int(truncatingIfNeeded: number)
      if hashes[entry] == hash && holds(entry, bytes, length, tail) { return number }
      slot = (slot &+ 1) & mask
    }
  }

  /// Forgets all entries but the empty string; costs as much as they are many.
  mutating func removeAll() {
    for entry in 1..<max(count, 1) { slots[Int(places[entry])] = 0 }
    count = 1
    arena.removeAll()
  }

  @inline(__always)
  private func holds(_ entry: Int, _ bytes: UnsafeRawPointer, _ length: Int, _ tail: UInt64) -> Bool {
    let start = Int(truncatingIfNeeded: ends[entry &- 1])
    guard Int(truncatingIfNeeded: ends[entry]) &- start == length else { return false }
    let own = UnsafeRawPointer(arena.base) + start
    if length <= 8 { return own.loadUnaligned(as: UInt64.self) & lowBytes(length) == tail }
    let last = length &- 8
    var offset = 0
    var difference = own.loadUnaligned(fromByteOffset: last, as: UInt64.self) ^ tail
    repeat {
      difference |=
        own.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    } while offset < last
    return difference == 0
  }

  @inline(never)
  private mutating func add(_ bytes: UnsafeRawPointer, _ length: Int, _ hash: UInt64, _ free: Int) -> UInt32 {
    var slot = free
    if count == entryCapacity {
      grow()
      let mask = entryCapacity * 2 - 1
      slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
    }
    arena.append(bytes, count: length)
    ends[count] = UInt32(arena.count)
    hashes[count] = hash
    places[count] = UInt32(slot)
    slots[slot] = UInt32(count)
    count += 1
    return UInt32(count - 1)
  }

  private mutating func grow() {
    let larger = entryCapacity * 2
    ends = Self.moved(ends, count: count, capacity: larger)
    hashes = Self.moved(hashes, count: count, capacity: larger)
    places = Self.moved(places, count: count, capacity: larger)
    slots.deallocate()
    slots = .allocate(capacity: larger * 2)
    slots.initialize(repeating: 0, count: larger * 2)
    entryCapacity = larger
    let mask = larger * 2 - 1
    for entry in 1..<count {
      var slot = Int(truncatingIfNeeded: hashes[entry]) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(entry)
      places[entry] = UInt32(slot)
    }
  }

  private static func moved<Value: BitwiseCopyable>(
    _ old: UnsafeMutablePointer<Value>, count: Int, capacity: Int
  ) -> UnsafeMutablePointer<Value> {
    let new = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    new.initialize(from: old, count: count)
    old.deallocate()
    return new
  }
}

/// A mask of the first `count` bytes of a little-endian word; all of them from 8 on.
@inline(__always) func lowBytes(_ count: Int) -> UInt64 {
  count >= 8 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: 8 &* count)) &- 1
}
