/// The answer to a query, as chunks of bytes in the order they arrive. Read it once; the request ends when reading
/// stops. If reading throws, the chunks before are the beginning of an answer, nothing more.
public struct ClickHouseAnswer: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  public typealias Failure = ClickHouseError

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

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reading: reading) }

  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let reading: Reading

    public mutating func next() async throws(ClickHouseError) -> [UInt8]? {
      try await reading.channel.next()
    }

    public mutating func next(isolation: isolated (any Actor)?) async throws(ClickHouseError) -> [UInt8]? {
      try await reading.channel.next()
    }
  }
}
