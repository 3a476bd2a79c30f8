import EventSchema

/// The events of a generated world, with faults and repetitions mixed in where asked for.
package final class SyntheticSource: MessageSource {
  package let total: Int?
  package private(set) var duplicates = 0

  private var world: World
  private var encoder = EventEncoder()
  private var poison = Poison()
  private var lastEvent: Event?
  private var poisonMade = 0
  private var made = 0
  private let events: Int
  private let poisonWanted: Int
  private let duplicatesWanted: Int
  private var random: SeededGenerator

  /// - Parameters:
  ///   - poison: invalid messages to add, spread evenly.
  ///   - duplicates: events to send twice, spread evenly.
  package init(_ configuration: WorldConfiguration, poison: Int = 0, duplicates: Int = 0) {
    world = World(configuration)
    events = configuration.events
    poisonWanted = poison
    duplicatesWanted = duplicates
    total = events + poison + duplicates
    random = SeededGenerator(seed: configuration.seed ^ 0x706F_6973_6F6E)
  }

  package func next() -> Outgoing? {
    if poisonMade < poisonWanted, poisonMade * events < made * poisonWanted || made == events {
      poisonMade += 1
      let id = EventID.random(using: &random)
      let (value, reason) = poison.next(id: id)
      return Outgoing(
        topic: Topic.allCases[poisonMade % Topic.allCases.count], key: nil, value: value, fate: .deadLetter(reason),
        digest: RowDigest(), occurredAtMs: 0)
    }
    if let event = lastEvent, duplicates < duplicatesWanted,
      duplicates * events < made * duplicatesWanted || made == events
    {
      duplicates += 1
      return outgoing(event)
    }
    guard let event = world.next() else { return nil }
    made += 1
    if duplicatesWanted > 0 { lastEvent = event }
    return outgoing(event)
  }

  private func outgoing(_ event: Event) -> Outgoing {
    encoder.encode(event)
    return Outgoing(
      topic: event.topic, key: encoder.key, value: encoder.value, fate: .event(event.type), digest: RowDigest(event),
      occurredAtMs: event.occurredAtMs)
  }
}
