import EventSchema
import Testing

@Suite struct RoundTripTests {
  /// The values of an event by column, taken from its Swift form alone.
  private func expected(_ event: Event, _ settings: EventSettings) -> [Cell] {
    var row = EventColumn.allCases.map(Cell.zero)
    row[EventColumn.kafkaOffset.index] = .bits(7)
    row[EventColumn.eventID.index] = .wide(high: event.id.high, low: event.id.low)
    row[EventColumn.eventType.index] = .text(event.type.name)
    row[EventColumn.eventVersion.index] = .bits(1)
    row[EventColumn.occurredAt.index] = .bits(UInt64(event.occurredAtMs))
    row[EventColumn.producer.index] = .text(event.producer)

    // `payload` is the one child of the enum; its labels name the columns.
    guard let values = Mirror(reflecting: event.payload).children.first?.value else { return row }
    var fields = Array(Mirror(reflecting: values).children)
    if let schedule = fields.last?.value as? AnswerSchedule {
      fields.removeLast()
      fields += Mirror(reflecting: schedule).children
    }
    for (label, value) in fields {
      guard let label else { continue }
      if label == "email", let email = value as? String {
        let lowered = email.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        row[EventColumn.email.index] = settings.keepsEmail ? .text(email) : .text([])
        row[EventColumn.emailHash.index] = .bits(lowered.withUnsafeBytes { settings.emailHashKey.hash($0) })
        row[EventColumn.emailDomain.index] = .text(
          Array(lowered.split(separator: 64, omittingEmptySubsequences: false).last ?? []))
        continue
      }
      if label == "dueAtMs" {
        row[EventColumn.dueAt.index] = (value as? Int64).map { .bits(UInt64($0)) } ?? .null
        continue
      }
      let isTime = label.hasSuffix("AtMs")
      let place = EventColumn.allCases.first { isTime ? $0 == .eventTime : "\($0)" == label }
      guard let column = place else {
        Issue.record("no column for \(label)")
        continue
      }
      // What is nil is so of whatever type.
      if case Optional<Any>.none = value { continue }
      switch value {
      case let value as UInt64: row[column.index] = .bits(value)
      case let value as UInt32: row[column.index] = .bits(UInt64(value))
      case let value as UInt8: row[column.index] = .bits(UInt64(value))
      case let value as Int64: row[column.index] = .bits(UInt64(value))
      case let value as Bool: row[column.index] = .bits(value ? 1 : 0)
      case let value as Double: row[column.index] = .bits(value.bitPattern)
      case let value as String: row[column.index] = .text(value)
      default: Issue.record("\(label) has an unexpected type")
      }
    }
    return row
  }

  @Test("Every field of every type comes back as it was sent", arguments: EventType.allCases)
  func roundTrip(type: EventType) {
    var samples = SampleEvents(seed: UInt64(type.rawValue))
    for round in 0..<200 {
      let event = samples.event(type)
      let settings = EventSettings(
        emailHashKey: SipHash(k0: samples.random.next(), k1: 2), keepsEmail: round.isMultiple(of: 2))
      let decoded = decode(event.wire, settings: settings)
      #expect(decoded.verdict == .event(type), "\(String(decoding: event.wire, as: UTF8.self)) \(decoded.detail)")
      #expect(decoded.row == expected(event, settings), "\(String(decoding: event.wire, as: UTF8.self))")
    }
  }

  @Test("A payload carries exactly the fields of its definition, in order", arguments: EventType.allCases)
  func fields(type: EventType) {
    var samples = SampleEvents(seed: 1)
    var event = samples.event(type)
    // Until none of the optional ones is absent.
    while Catalogue.v1[type].payload.contains(where: { field in
      !String(decoding: event.wire, as: UTF8.self).contains("\"\(field.name)\":")
    }) {
      event = samples.event(type)
    }
    guard case .object(let members)? = try? ReferenceReader.read(event.wire),
      case .object(let payload)? = members.last?.value
    else {
      Issue.record("not an object: \(event.wire)")
      return
    }
    #expect(members.map { String(decoding: $0.key, as: UTF8.self) } == Catalogue.v1.envelope.map(\.name))
    #expect(payload.map { String(decoding: $0.key, as: UTF8.self) } == Catalogue.v1[type].payload.map(\.name))
  }
}
