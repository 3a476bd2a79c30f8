import Blocking
import ClickHouse
import Foundation
import Kafka

/// Sends dead letters that are valid now to their topics, each once in effect.
///
/// A batch is letters of one partition. For each batch: where does the log end; write intents; read who was first; send;
/// write down what was confirmed. `ReplayStep` says why a kill at any point loses and doubles nothing. Blocks its thread.
package final class ReplayRun {
  package struct Configuration: Sendable {
    package var kafka: KafkaConfiguration
    package var clickHouse: ClickHouseConfiguration
    /// How long after its intent a replay may send; so long a killed one is waited for.
    package var leaseMs: Int64
    /// Only say what would be sent.
    package var dryRun: Bool
    /// Most letters in a batch.
    package var batch = 500

    package init(
      kafka: KafkaConfiguration, clickHouse: ClickHouseConfiguration, leaseMs: Int64 = 60_000, dryRun: Bool = false
    ) {
      self.kafka = kafka
      self.clickHouse = clickHouse
      self.leaseMs = leaseMs
      self.dryRun = dryRun
    }
  }

  /// A letter whose message is valid now.
  private struct Candidate {
    let letter: DeadLetter
    let value: [UInt8]
    let event: ValidEvent
    var offset: Int64 { letter.coordinates.offset }
  }

  private let configuration: Configuration
  private let corrections: Corrections
  private let store: LetterStore
  private let ledger: ReplayLedger
  private let check = LetterCheck()
  private let told: (DeadLetter, ReplayOutcome) -> Void
  private let waits: (Double) -> Void
  private var sender: LetterSender?
  /// Events met in this run, by the letter that stands for each.
  private var met: [String: LetterCoordinates] = [:]
  /// Times that a letter's message was not confirmed.
  private var unconfirmed: [LetterCoordinates: Int] = [:]
  private static let mostTries = 3

  /// - Parameters:
  ///   - told: hears of each letter, once.
  ///   - waits: hears for how many seconds the run may have to wait for another replay, or for its own messages' fate.
  package init(
    _ configuration: Configuration, corrections: Corrections = Corrections(),
    waits: @escaping (_ seconds: Double) -> Void = { _ in },
    told: @escaping (_ letter: DeadLetter, _ outcome: ReplayOutcome) -> Void
  ) {
    self.configuration = configuration
    self.corrections = corrections
    let connection = ClickHouseConnection(configuration.clickHouse)
    store = LetterStore(connection)
    ledger = ReplayLedger(connection, leaseMs: configuration.leaseMs)
    self.waits = waits
    self.told = told
  }

  /// Replays the selected letters in the order of coordinates. What was done before an error is thrown is done.
  package func run(_ selection: LetterSelection) throws(DeadLetterError) {
    var selection = selection
    while true {
      let page = try store.page(of: selection, limit: configuration.batch)
      guard let last = page.last else { return }
      for letters in page.chunked(by: \.coordinates.partition) { try replay(letters) }
      selection.after = last.coordinates
    }
  }

  private func replay(_ letters: [DeadLetter]) throws(DeadLetterError) {
    let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
    var open: [Candidate] = []
    for letter in letters {
      switch letter.replay {
      case .sent(let offset, _): told(letter, .sentBefore(offset: offset))
      case .settled: told(letter, .present(at: nil))
      case .none, .begun:
        let correction = corrections.values[letter.coordinates]
        let value = correction ?? letter.value
        switch check.verdict(value, timestampMs: nowMs) {
        case .valid(let event):
          if let other = met.updateValue(letter.coordinates, forKey: event.id) {
            told(letter, .present(at: other))
          } else {
            open.append(Candidate(letter: letter, value: value, event: event))
          }
        case .invalid(let reason, let detail):
          told(
            letter,
            correction == nil
              ? .invalid(reason: reason, detail: detail) : .correctionInvalid(reason: reason, detail: detail))
        }
      }
    }
    if configuration.dryRun {
      for candidate in try withoutPresent(open) { told(candidate.letter, .valid) }
      return
    }
    while !open.isEmpty {
      let before = open.count
      let untilMs = try round(&open)
      guard !open.isEmpty, open.count == before, let untilMs else { continue }
      waits(Double(untilMs) / 1000)
      // Most replays end long before their lease.
      BlockingThread.sleep(.milliseconds(min(1_000, max(50, untilMs))))
    }
  }

  /// Takes each letter one step further and removes those that are settled.
  /// - Returns: how long others may still be at work on the rest, in milliseconds.
  private func round(_ open: inout [Candidate]) throws(DeadLetterError) -> Int64? {
    guard let partition = open.first?.letter.coordinates.partition else { return nil }
    let end = try logEnd(of: partition)
    var fresh: [Candidate] = []
    var searched: [(candidate: Candidate, from: Int64, attempt: UInt32)] = []
    var rest: [Candidate] = []
    var longest: Int64?
    let (entries, nowMs) = try ledger.entries(of: open.map(\.offset), in: partition)
    for candidate in open {
      switch step(entries[candidate.offset], nowMs) {
      case .over(let offset): told(candidate.letter, offset < 0 ? .present(at: nil) : .sentBefore(offset: offset))
      case .claimFirst: fresh.append(candidate)
      case .search(let from, let attempt): searched.append((candidate, from, attempt))
      case .wait(let untilMs), .send(_, let untilMs):
        longest = max(longest ?? 0, untilMs - nowMs)
        rest.append(candidate)
      }
    }
    let claims =
      try withoutPresent(fresh, settledIn: partition).map { ($0, UInt32(1)) } + search(searched, in: partition)
    try ledger.write(
      claims.map { .init(offset: $0.0.offset, attempt: $0.1, eventID: $0.0.event.id, sentOffset: nil) },
      of: partition, searchFrom: end)
    rest += try sendOwn(claims.map(\.0).sorted { $0.offset < $1.offset }, in: partition)
    open = rest.sorted { $0.offset < $1.offset }
    return longest
  }

  private func step(_ entries: [ReplayEntry]?, _ nowMs: Int64) -> ReplayStep {
    ReplayStep.next(entries ?? [], me: ledger.replayer, nowMs: nowMs)
  }

  /// The partition's end: anything sent from now on lies there or above.
  private func logEnd(of partition: TopicPartition) throws(DeadLetterError) -> Int64 {
    try DeadLetterError.wrapKafka { () throws(KafkaError) in
      try KafkaAdmin(configuration.kafka).watermarks(of: partition).high
    }
  }

  /// Sends what is ours, and writes down what the broker confirmed.
  /// - Returns: those that are not settled: another replay's, and those not confirmed.
  private func sendOwn(_ claimed: [Candidate], in partition: TopicPartition) throws(DeadLetterError) -> [Candidate] {
    guard !claimed.isEmpty else { return [] }
    let asked = ContinuousClock.now
    let (entries, nowMs) = try ledger.entries(of: claimed.map(\.offset), in: partition)
    var own: [(candidate: Candidate, attempt: UInt32)] = []
    var others: [Candidate] = []
    // A message given to the sender now is not sent later than its timeout, a third of the lease.
    let soonestEndMs = nowMs + configuration.leaseMs / 2
    for candidate in claimed {
      if case .send(let attempt, let untilMs) = step(entries[candidate.offset], nowMs), untilMs >= soonestEndMs {
        own.append((candidate, attempt))
      } else {
        others.append(candidate)
      }
    }
    let sender = try openSender()
    guard ContinuousClock.now - asked < .milliseconds(configuration.leaseMs / 12) else { return claimed }
    let reports = try sender.send(
      own.map {
        .init(letter: $0.candidate.letter.coordinates, key: $0.candidate.letter.key, value: $0.candidate.value)
      })
    var done: [ReplayLedger.Line] = []
    for ((candidate, attempt), report) in zip(own, reports) {
      if case .success(let offset) = report {
        done.append(.init(offset: candidate.offset, attempt: attempt, eventID: candidate.event.id, sentOffset: offset))
      }
    }
    try ledger.write(done, of: partition, searchFrom: 0)
    for ((candidate, _), report) in zip(own, reports) {
      switch report {
      case .success(let offset): told(candidate.letter, .sent(offset: offset))
      case .failure(let error):
        // When the attempt's lease is over, Kafka tells whether it came in; if not, it is sent again.
        unconfirmed[candidate.letter.coordinates, default: 0] += 1
        if unconfirmed[candidate.letter.coordinates] == Self.mostTries {
          told(candidate.letter, .unconfirmed("\(error)"))
        } else {
          others.append(candidate)
        }
      }
    }
    return others
  }

  /// Made with the first message: a dry run needs no broker.
  private func openSender() throws(DeadLetterError) -> LetterSender {
    if let sender { return sender }
    let made = try LetterSender(configuration.kafka, timeoutMs: Int32(max(100, configuration.leaseMs / 3)))
    sender = made
    return made
  }

  /// Looks for what attempts sent that ended without a word, and settles those letters.
  /// - Returns: those that were surely not sent, with the attempt to claim.
  private func search(
    _ ended: [(candidate: Candidate, from: Int64, attempt: UInt32)], in partition: TopicPartition
  ) throws(DeadLetterError) -> [(Candidate, UInt32)] {
    guard let from = ended.map(\.from).min() else { return [] }
    let found = try DeadLetterError.wrapKafka { () throws(KafkaError) in
      try LogScan(configuration.kafka).headers(
        named: LetterCoordinates.headerName, in: partition, from: from, timeoutMs: 15_000)
    }
    let present = try store.present(ended.map(\.candidate.event))
    var settled: [ReplayLedger.Line] = []
    var again: [(Candidate, UInt32)] = []
    for (candidate, from, attempt) in ended {
      let letter = candidate.letter
      func settle(_ offset: Int64, _ outcome: ReplayOutcome) {
        settled.append(
          .init(offset: candidate.offset, attempt: attempt, eventID: candidate.event.id, sentOffset: offset))
        told(letter, outcome)
      }
      if let offset = found.offsets[letter.coordinates.description] {
        settle(offset, .sentBefore(offset: offset))
      } else if let other = present[candidate.event.id] {
        // Kafka may have dropped the message after the collector had it.
        let isOurs = other.partition == partition && other.offset >= from
        settle(isOurs ? other.offset : -1, isOurs ? .sentBefore(offset: other.offset) : .present(at: other))
      } else if found.low > from {
        told(letter, .undecided)
      } else {
        again.append((candidate, attempt + 1))
      }
    }
    try ledger.write(settled, of: partition, searchFrom: 0)
    return again
  }

  /// Leaves out letters whose event is in `events`, or belongs to another letter that was or is being replayed.
  /// - Parameter partition: that of all the letters, to settle those whose own event is in `events`: they wait for nothing any
  ///   more. Nil for a dry run.
  private func withoutPresent(
    _ candidates: [Candidate], settledIn partition: TopicPartition? = nil
  ) throws(DeadLetterError) -> [Candidate] {
    guard !candidates.isEmpty else { return [] }
    let events = try store.present(candidates.map(\.event))
    let replays = try ledger.letters(withEvents: candidates.map(\.event.id))
    var absent: [Candidate] = []
    var settled: [ReplayLedger.Line] = []
    var there: [(letter: DeadLetter, place: LetterCoordinates)] = []
    for candidate in candidates {
      let other = events[candidate.event.id] ?? replays[candidate.event.id]
      guard let other, other != candidate.letter.coordinates else {
        absent.append(candidate)
        continue
      }
      there.append((candidate.letter, other))
      // A correction may name an event by mistake.
      if events[candidate.event.id] != nil, candidate.value == candidate.letter.value {
        settled.append(.init(offset: candidate.offset, attempt: 1, eventID: candidate.event.id, sentOffset: -1))
      }
    }
    if let partition { try ledger.write(settled, of: partition, searchFrom: 0) }
    for (letter, place) in there { told(letter, .present(at: place)) }
    return absent
  }
}

extension Array {
  /// Runs of neighbours with the same key.
  fileprivate func chunked<Key: Equatable>(by key: KeyPath<Element, Key>) -> [[Element]] {
    reduce(into: []) { chunks, element in
      if let last = chunks.last?.last, last[keyPath: key] == element[keyPath: key] {
        chunks[chunks.count - 1].append(element)
      } else {
        chunks.append([element])
      }
    }
  }
}
