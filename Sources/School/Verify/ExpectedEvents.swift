/// What an event is told apart by here: its type and the ids in it, 0 for those that the type lacks.
package struct EventKey: Hashable, Sendable {
  package let type: String
  package let person: Int64
  package let session: Int64
  package let deck: Int64
  package let card: Int64
  package let result: Int64

  package init(
    _ type: String, person: Int64 = 0, session: Int64 = 0, deck: Int64 = 0, card: Int64 = 0, result: Int64 = 0
  ) {
    self.type = type
    self.person = person
    self.session = session
    self.deck = deck
    self.card = card
    self.result = result
  }
}

/// The events that answered calls must have caused: how many of each key, and where a call's outcome stayed unknown, how many
/// more there may be.
package struct ExpectedEvents: Sendable, Equatable {
  package private(set) var counts: [EventKey: Int] = [:]
  package private(set) var unsure: [EventKey: Int] = [:]

  package init() {}

  package var count: Int { counts.values.reduce(0, +) }
  package var unsureCount: Int { unsure.values.reduce(0, +) }

  /// One more of these.
  package mutating func add(_ key: EventKey) { counts[key, default: 0] += 1 }

  /// One of these, however often it is said: a session begins once.
  package mutating func note(_ key: EventKey) { counts[key] = 1 }

  /// Perhaps one more of these.
  package mutating func doubt(_ key: EventKey) { unsure[key, default: 0] += 1 }

  /// - Parameter other: of other people, so that no key is of both.
  package mutating func merge(_ other: ExpectedEvents) {
    counts.merge(other.counts, uniquingKeysWith: +)
    unsure.merge(other.unsure, uniquingKeysWith: +)
  }

  /// How many there may be of a key.
  package func range(_ key: EventKey) -> ClosedRange<Int> {
    let least = counts[key] ?? 0
    return least...least + (unsure[key] ?? 0)
  }

  package var people: Set<Int64> { Set((counts.keys.map(\.person) + unsure.keys.map(\.person)).filter { $0 > 0 }) }
  package var decks: Set<Int64> { Set(counts.keys.filter { $0.type == "card_created" }.map(\.deck)) }
}

extension ExpectedEvents {
  /// By type, most first.
  package var byType: [String: Int] {
    counts.reduce(into: [:]) { $0[$1.key.type, default: 0] += $1.value }
  }

  /// What differs, a line a type; none when all is as it must be.
  package func differences(from found: [EventKey: Int]) -> [String] {
    var missing: [String: (count: Int, first: EventKey)] = [:]
    var surplus: [String: (count: Int, first: EventKey)] = [:]
    func count(_ number: Int, _ key: EventKey, in sums: inout [String: (count: Int, first: EventKey)]) {
      sums[key.type] = ((sums[key.type]?.count ?? 0) + number, sums[key.type]?.first ?? key)
    }
    for key in Set(counts.keys).union(found.keys) {
      let (range, number) = (range(key), found[key] ?? 0)
      if number < range.lowerBound { count(range.lowerBound - number, key, in: &missing) }
      if number > range.upperBound { count(number - range.upperBound, key, in: &surplus) }
    }
    let totals = byType
    let lines =
      missing.map { "\($0.key): \($0.value.count) missing of \(totals[$0.key] ?? 0), as \($0.value.first)" }
      + surplus.map { "\($0.key): \($0.value.count) that no answered call caused, as \($0.value.first)" }
    return lines.sorted()
  }
}

extension EventKey: CustomStringConvertible {
  package var description: String {
    let ids = [("user", person), ("session", session), ("deck", deck), ("card", card), ("result", result)]
    return ids.filter { $0.1 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
