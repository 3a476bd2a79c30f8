/// The answer to a query, as chunks of bytes in the order they arrive. Read it once; the request ends when reading
/// stops. If reading throws, the chunks before are the beginning of an answer, nothing more.
package struct ClickHouseAnswer: AsyncSequence, Sendable {
  package typealias Element = [UInt8]
  package typealias Failure = ClickHouseError

  /// Ends the request when the last copy of the answer or its iterator goes away unread.
  fileprivate final class Reading: Sendable {
    let channel: ChunkChannel
    init(_ channel: ChunkChannel) { self.channel = channel }
    deinit { channel.abandon() }
  }

  private let reading: Reading

  init(_ channel: ChunkChannel) {
    reading = Reading(channel)
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reading: reading) }

  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let reading: Reading

    package mutating func next() async throws(ClickHouseError) -> [UInt8]? {
      try await reading.channel.next()
    }

    package mutating func next(isolation: isolated (any Actor)?) async throws(ClickHouseError) -> [UInt8]? {
      try await reading.channel.next()
    }
  }
}
