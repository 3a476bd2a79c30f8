import Kafka

/// One partition's messages not yet in ClickHouse, oldest first, and how far they have been consumed.
package struct MessageBuffer {
  /// A place in the buffer: the position `byte` in `chunks[chunk]`.
  package struct Position: Equatable {
    package var chunk = 0
    package var byte = 0

    package init(chunk: Int = 0, byte: Int = 0) {
      self.chunk = chunk
      self.byte = byte
    }
  }

  package init() {}

  package private(set) var chunks: [MessageChunk] = []
  /// Where the oldest message is.
  package private(set) var start = Position()
  /// Chunks a worker is reading: nothing is appended to them.
  private var sealed = 0
  package private(set) var messages = 0
  /// Bytes of the messages, as they lie in the chunks.
  package private(set) var messageBytes = 0
  /// Memory held, in bytes.
  package private(set) var bytes = 0
  /// One past the newest message's offset; -1 when nothing was ever appended.
  package private(set) var endOffset: Int64 = -1

  var isEmpty: Bool { messages == 0 }

  /// The oldest message's Kafka timestamp in milliseconds since 1970; nil when the buffer is empty.
  var oldestTimestampMs: Int64? {
    guard !isEmpty, let first = chunks.first else { return nil }
    return first.message(at: start.byte).message.timestampMs
  }

  /// The oldest message's offset; nil when the buffer is empty.
  var startOffset: Int64? {
    guard !isEmpty, let first = chunks.first else { return nil }
    return first.message(at: start.byte).message.offset
  }

  /// Appends a copy of `message`, taking a chunk from `pool` when the last one is full or sealed.
  /// - Returns: bytes of memory more than before.
  package mutating func append(_ message: borrowing BorrowedMessage, pool: inout ChunkPool) -> Int {
    messages += 1
    let size = MessageChunk.size(keyCount: message.key.count, valueCount: message.value?.count ?? 0)
    messageBytes += size
    endOffset = message.offset + 1
    if chunks.count > sealed, chunks[chunks.count - 1].append(message) { return 0 }
    let chunk = pool.take(atLeast: size)
    let stored = chunk.append(message)
    precondition(stored, "a chunk made for a message holds it")
    chunks.append(chunk)
    bytes += chunk.capacity
    return chunk.capacity
  }

  /// Lends all chunks so far to a reader outside the lock.
  package mutating func seal() -> [MessageChunk] {
    sealed = chunks.count
    return chunks
  }

  /// Drops the `count` oldest messages of so many bytes, which end at `cursor`; no reader is left.
  package mutating func consume(_ count: Int, bytes size: Int, to cursor: Position, pool: inout ChunkPool) {
    messages -= count
    messageBytes -= size
    var end = cursor
    if end.chunk < chunks.count, end.byte == chunks[end.chunk].used {
      end = Position(chunk: end.chunk + 1, byte: 0)
    }
    for chunk in chunks.prefix(end.chunk) {
      bytes -= chunk.capacity
      pool.give(chunk)
    }
    chunks.removeFirst(end.chunk)
    start = Position(chunk: 0, byte: end.byte)
    sealed = 0
  }
}

/// Chunks to use again, so that a warm collector allocates none.
package struct ChunkPool {
  private var free: [MessageChunk] = []
  private let keep: Int

  /// - Parameter keep: most chunks kept for later.
  package init(keep: Int) { self.keep = keep }

  mutating func take(atLeast size: Int) -> MessageChunk {
    if size > MessageChunk.standardCapacity { return MessageChunk(capacity: size) }
    return free.popLast() ?? MessageChunk(capacity: MessageChunk.standardCapacity)
  }

  mutating func give(_ chunk: MessageChunk) {
    guard chunk.capacity == MessageChunk.standardCapacity, free.count < keep else { return }
    chunk.reset()
    free.append(chunk)
  }
}
