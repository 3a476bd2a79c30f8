import EventSchema

/// One message about to be sent. Its bytes are lent until the source is asked for the next.
package struct Outgoing {
  package let topic: Topic
  /// Nil for a message without a key.
  package let key: UnsafeRawBufferPointer?
  package let value: UnsafeRawBufferPointer
  package let fate: Fate
  /// What the row of a valid event will hold; zero for others.
  package let digest: RowDigest
  /// When it happened, milliseconds since 1970; 0 for what will be a dead letter.
  package let occurredAtMs: Int64
}

/// Where a message must end up: as a row of `events` of a type, or of `dead_letters` for a reason.
package struct Fate: Sendable, Hashable {
  /// Place in `all`.
  package let index: Int

  package static func event(_ type: EventType) -> Fate { Fate(index: type.index) }
  package static func deadLetter(_ reason: Reason) -> Fate {
    Fate(index: types.count + (reasons.firstIndex(of: reason) ?? 0))
  }

  /// Every fate: the event types, then the reasons.
  package static let all = (0..<types.count + reasons.count).map { Fate(index: $0) }

  package var isEvent: Bool { index < Self.types.count }

  /// The event type's or the reason's name.
  package var name: String {
    isEvent ? Self.types[index].name : Self.reasons[index - Self.types.count].rawValue
  }

  private static let types = EventType.allCases
  private static let reasons = Reason.allCases
}

/// Messages in the order in which they shall be sent.
package protocol MessageSource: AnyObject {
  /// The next message; nil at the end. Takes back what it lent before.
  func next() throws -> Outgoing?
  /// How many there will be in all, where that is known.
  var total: Int? { get }
  /// Of the messages handed out, those that repeat an earlier event's id.
  var duplicates: Int { get }
  /// Lines that were no messages and were left out.
  var skippedLines: Int { get }
}

extension MessageSource {
  package var skippedLines: Int { 0 }
  package var duplicates: Int { 0 }
}
