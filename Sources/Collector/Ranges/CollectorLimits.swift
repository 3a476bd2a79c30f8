/// Every bound of a collector's work, and how they relate.
package enum CollectorLimits {
  // A block: ends with the first message at which one of these is reached, counted from the block's first. They are part
  // of the fingerprint (`BlockEncoder.fingerprint`), for a range's blocks must be the same whoever makes them.

  /// Messages. Decoding, encoding and compressing an event cost 305 ns in blocks of so many, 324 ns in four times as large
  /// ones, whose columns do not stay near the processor; and the messages of a block not yet whole fill the memory.
  package static let blockRows = 4_096
  /// Bytes of messages, as they lie in memory.
  package static let blockMessageBytes = 2 << 20
  /// Bytes of the events' strings.
  package static let blockStringBytes = 8 << 20
  /// Bytes of the dead letters' keys and values.
  package static let blockDeadLetterBytes = 16 << 20

  // A range: ClickHouse joins its blocks into one of its own, which one token stands for.

  /// Messages.
  package static let rangeRows = 1_000_000
  /// Bytes of messages.
  package static let rangeMessageBytes = 512 << 20
  /// Memory that a row of `events` takes in ClickHouse at most, besides its strings.
  package static let rowBytes = 320

  // What an INSERT asks of ClickHouse.

  /// `max_insert_block_size`, `min_insert_block_size_rows`: less than that becomes one block.
  package static let insertBlockRows = 1_048_576
  /// `min_insert_block_size_bytes`.
  package static let insertBlockBytes = 1 << 30
  /// `http_receive_timeout`: a body that stalls so long is given up by ClickHouse.
  package static let receiveTimeoutSeconds = 30

  /// The rule of the borders, as it enters the fingerprint.
  package static let borderRule =
    "blocks 1: \(blockRows) rows, \(blockMessageBytes) message bytes, \(blockStringBytes) string bytes, "
    + "\(blockDeadLetterBytes) dead letter bytes, from the range's first message"

  /// What one of the settings is when it breaks a relation, in one sentence; nil when all hold.
  package static func conflict(_ configuration: CollectorConfiguration) -> String? {
    precondition(blockRows <= rangeRows && rangeRows < insertBlockRows, "a range becomes one block of ClickHouse's")
    precondition(
      rangeRows * rowBytes + rangeMessageBytes < insertBlockBytes, "a range becomes one block of ClickHouse's")
    precondition(blockMessageBytes + (1 << 20) < blockStringBytes, "strings are no larger than their messages")
    let rules: [(holds: Bool, words: String)] = [
      (
        (1...rangeRows).contains(configuration.flushRows),
        "COLLECTOR_FLUSH_ROWS is more than a range's \(rangeRows) rows"
      ),
      (
        (1...rangeMessageBytes).contains(configuration.flushBytes),
        "COLLECTOR_FLUSH_BYTES is more than a range's \(rangeMessageBytes) bytes"
      ),
      (
        configuration.bufferBytes >= 2 * blockMessageBytes,
        "COLLECTOR_BUFFER_BYTES holds less than two blocks' messages"
      ),
      (configuration.leaseMs > 0, "COLLECTOR_LEASE is over before it begins"),
      (configuration.insertTimeoutMs >= 1_000, "COLLECTOR_INSERT_TIMEOUT is less than a second"),
      (
        configuration.clickHouse.requestTimeoutMs == 0
          || configuration.clickHouse.requestTimeoutMs > Int(configuration.insertTimeoutMs),
        "an answer is awaited for less long than COLLECTOR_INSERT_TIMEOUT lets an INSERT run"
      ),
      (
        configuration.retryFirstMs > 0 && configuration.retryFirstMs <= configuration.retryLongestMs,
        "retries do not wait"
      ),
      (configuration.workers > 0, "COLLECTOR_WORKERS is 0"),
    ]
    return rules.first { !$0.holds }?.words
  }
}
