import DeadLetters
import Foundation
import JSON

/// The JSON of `deadletters`, and its texts.
enum DeadLetterReport {
  struct Replay: Encodable {
    /// none, begun, sent, settled
    let state: String
    var offset: Int64?
    var at: String?

    init(_ state: ReplayState) {
      switch state {
      case .none: self.state = "none"
      case .begun(let ms): (self.state, at) = ("begun", time(ms))
      case .sent(let sent, let ms): (self.state, offset, at) = ("sent", sent, time(ms))
      case .settled(let ms): (self.state, at) = ("settled", time(ms))
      }
    }
  }

  /// One letter. `value` is there when the bytes are UTF-8, else `valueBase64`.
  struct Letter: Encodable {
    let topic: String
    let partition: Int32
    let offset: Int64
    let reason: String
    let detail: String
    let kafkaTime: String
    let receivedAt: String
    let bytes: Int
    var key: String?
    var keyBase64: String?
    var value: String?
    var valueBase64: String?
    let replay: Replay
    /// `show` only: the verdict of this version.
    var now: Verdict?

    init(_ letter: DeadLetter) {
      topic = letter.coordinates.partition.topic
      partition = letter.coordinates.partition.partition
      offset = letter.coordinates.offset
      reason = letter.reason
      detail = letter.detail
      kafkaTime = time(letter.kafkaTimestampMs)
      receivedAt = time(letter.receivedAtMs)
      bytes = letter.valueBytes
      key = String(validating: letter.key, as: UTF8.self)
      value = String(validating: letter.value, as: UTF8.self)
      if key == nil { keyBase64 = Data(letter.key).base64EncodedString() }
      if value == nil { valueBase64 = Data(letter.value).base64EncodedString() }
      replay = Replay(letter.replay)
    }
  }

  struct Verdict: Encodable {
    let valid: Bool
    var eventID: String?
    var eventType: String?
    var reason: String?
    var detail: String?

    init(_ verdict: PresentVerdict) {
      switch verdict {
      case .valid(let event): (valid, eventID, eventType) = (true, event.id, event.type)
      case .invalid(let reason, let detail): (valid, self.reason, self.detail) = (false, reason, detail)
      }
    }
  }

  struct Summary: Encodable {
    let topic: String
    let reason: String
    let letters: Int
    let pending: Int
    let first: String
    let last: String

    init(_ row: LetterStore.SummaryRow) {
      topic = row.topic
      reason = row.reason
      letters = row.letters
      pending = row.pending
      first = time(row.firstMs)
      last = time(row.lastMs)
    }
  }

  /// One letter's outcome in `replay --json`.
  struct Outcome: Encodable {
    let topic: String
    let partition: Int32
    let offset: Int64
    let outcome: String
    var sentOffset: Int64?
    var presentAt: String?
    var reason: String?
    var detail: String?

    init(_ coordinates: LetterCoordinates, _ outcome: ReplayOutcome) {
      topic = coordinates.partition.topic
      partition = coordinates.partition.partition
      offset = coordinates.offset
      self.outcome = outcome.name
      switch outcome {
      case .sent(let sent), .sentBefore(let sent): sentOffset = sent
      case .present(let other): presentAt = other?.description
      case .invalid(let reason, let detail), .correctionInvalid(let reason, let detail):
        (self.reason, self.detail) = (reason, detail)
      case .unconfirmed(let why): detail = why
      case .valid, .undecided: break
      }
    }
  }

  /// A line of JSON.
  static func printLine(_ value: some Encodable) throws {
    print(try EncodedJSON.line(value, keys: .snakeCase))
  }

  static func printTable(_ rows: [[String]]) {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      print(line)
    }
  }

  /// RFC 3339 in UTC, milliseconds.
  static func time(_ ms: Int64) -> String {
    Date(timeIntervalSince1970: Double(ms) / 1000).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
  }

  static func text(_ state: ReplayState) -> String {
    switch state {
    case .none: "-"
    case .begun: "begun"
    case .sent(let offset, _): "sent: offset \(offset)"
    case .settled: "settled"
    }
  }
}
