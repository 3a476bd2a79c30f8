import EventSchema

/// Recorded events from a file, as `RecordedLine`s; sent byte for byte.
///
/// What must become of each is asked of the collector's own decoder, so a recording may hold invalid events too.
package final class ReplaySource: MessageSource {
  package let total: Int?
  package private(set) var skippedLines = 0

  private let reader: LineReader
  private let skipsBadLines: Bool
  private let limit: Int
  private let warn: (String) -> Void
  private var sent = 0
  private let key = LentBytes()
  private var decoder = EventDecoder()
  private let columns = EventColumns(capacity: 1)
  private let nowMs: Int64

  /// - Parameters:
  ///   - path: of the file; `-` for standard input.
  ///   - limit: messages at most.
  ///   - skipsBadLines: leave out lines that are no recorded message, instead of ending with an error.
  ///   - nowMs: the time of sending, as the decoder will see it.
  ///   - warn: told of each line left out.
  package init(
    path: String, limit: Int?, skipsBadLines: Bool, nowMs: Int64, warn: @escaping (String) -> Void
  ) throws(RecordingError) {
    reader = try LineReader(path: path)
    self.limit = limit ?? .max
    self.skipsBadLines = skipsBadLines
    self.nowMs = nowMs
    self.warn = warn
    total = limit
  }

  package func next() throws(RecordingError) -> Outgoing? {
    while sent < limit, let line = try reader.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      do throws(RecordedLine.Fault) {
        let outgoing = try read(line)
        sent += 1
        return outgoing
      } catch {
        guard skipsBadLines else {
          throw .badLine(path: reader.path, line: reader.lineNumber, reason: error.reason)
        }
        skippedLines += 1
        warn("\(reader.path), line \(reader.lineNumber): \(error.reason); left out")
      }
    }
    return nil
  }

  private func read(_ line: UnsafeRawBufferPointer) throws(RecordedLine.Fault) -> Outgoing {
    let recorded = try RecordedLine(line)
    guard let name = recorded.topic else { throw .init(reason: "has no \"topic\"") }
    guard let topic = Topic(rawValue: name) else {
      throw .init(
        reason: "has the topic “\(name.prefix(80))”; there are \(Topic.allCases.map(\.name).joined(separator: ", "))")
    }
    guard let range = recorded.event else { throw .init(reason: "has no \"event\"") }
    let event = UnsafeRawBufferPointer(rebasing: line[range])
    columns.reset()
    let verdict = decoder.decode(event, offset: 0, kafkaTimestampMs: nowMs, into: columns)
    let fate: Fate
    switch verdict {
    case .event(let type): fate = .event(type)
    case .invalid(let reason): fate = .deadLetter(reason)
    case .full: preconditionFailure("an empty block has room for one event")
    }
    key.replace(with: recorded.key ?? [])
    return Outgoing(
      topic: topic, key: recorded.key == nil ? nil : key.bytes, value: event, fate: fate,
      digest: fate.isEvent ? RowDigest(decoded: columns) : RowDigest(),
      occurredAtMs: fate.isEvent ? columns.occurredAtMs?.lowerBound ?? 0 : 0)
  }
}
