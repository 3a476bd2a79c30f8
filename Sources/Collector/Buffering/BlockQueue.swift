/// One partition's encoded blocks not yet in ClickHouse, oldest first.
package struct BlockQueue {
  package private(set) var blocks: [EncodedBlock] = []
  package private(set) var messages = 0
  /// Memory held, in bytes.
  package private(set) var bytes = 0
  /// Bytes of the messages that the blocks were made of.
  package private(set) var messageBytes = 0

  package init() {}

  package mutating func append(_ block: EncodedBlock) {
    blocks.append(block)
    messages += block.messages
    bytes += block.bytes
    messageBytes += block.messageBytes
  }

  /// Another block may follow: the last one is full.
  package var isOpen: Bool { blocks.last?.isWhole ?? true }

  /// As many of the oldest blocks as one range may have.
  package func range(rows: Int, bytes: Int) -> [EncodedBlock] {
    var (rowsLeft, bytesLeft) = (rows, bytes)
    let count = blocks.prefix { block in
      rowsLeft -= block.messages
      bytesLeft -= block.messageBytes
      return rowsLeft >= 0 && bytesLeft >= 0
    }.count
    return Array(blocks.prefix(max(1, count)))
  }

  /// The blocks before offset `end`; nil when one of them reaches beyond.
  package func blocks(before end: Int64) -> [EncodedBlock]? {
    let found = blocks.prefix { $0.offsets.from < end }
    if let last = found.last, last.offsets.to > end { return nil }
    return Array(found)
  }

  package mutating func removeBlocks(before end: Int64) {
    let count = blocks.prefix { $0.offsets.from < end }.count
    for block in blocks.prefix(count) {
      messages -= block.messages
      bytes -= block.bytes
      messageBytes -= block.messageBytes
    }
    blocks.removeFirst(count)
  }
}
