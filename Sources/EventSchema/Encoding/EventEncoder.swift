/// Writes events in their wire form, and their Kafka keys.
///
/// One encoder a thread; it keeps its buffers, so encoding allocates nothing once they have grown. Values are written in
/// the order of the type's definition and under its names: the definition is the only place that knows them.
public struct EventEncoder: ~Copyable {
  /// What is the same in all events of a type.
  private struct TypeForm {
    /// `,"event_type":"…","event_version":1,"occured_at":`
    let head: UnsafeRawPointer
    let headCount: Int
    let fields: UnsafePointer<FieldForm>
    let keyPrefix: UnsafeRawPointer
    let keyPrefixCount: Int
    /// Places in the payload whose id may be the key, the first present one is; -1 = no second.
    let keyPlace: Int
    let keyFallback: Int
  }

  /// `,"user_id":`
  private struct FieldForm {
    let name: UnsafeRawPointer
    let nameCount: Int
  }

  /// More than the fixed text, the numbers and the times of any event.
  private static let fixedBytes = 1024

  private let memory: Allocations
  private let forms: UnsafePointer<TypeForm>
  /// Ids of the payload by place, and which there are.
  private let ids: UnsafeMutablePointer<UInt64>
  private var idMask = 0
  private var field: UnsafePointer<FieldForm>
  private var place = 0
  private var isFirst = true
  private var wire = WireWriter()
  private var keyWriter = WireWriter(capacity: 64)

  public init(catalogue: Catalogue = .v1) {
    var memory = Allocations()
    let forms = memory.allocate(TypeForm.self, count: catalogue.events.count)
    for event in catalogue.events {
      let fields = memory.allocate(FieldForm.self, count: event.payload.count)
      for (index, field) in event.payload.enumerated() {
        let (name, count) = memory.text(",\"\(field.name)\":")
        (fields + index).initialize(to: FieldForm(name: name, nameCount: count))
      }
      let head = memory.text(
        ",\"event_type\":\"\(event.type.name)\",\"event_version\":\(event.version),\"occured_at\":")
      let prefix = memory.text(event.key.prefix)
      let places = event.key.columns.map { event.position(of: $0) ?? -1 }
      precondition(!places.isEmpty && !places.contains(-1), "\(event.type.name): its key is not in its payload")
      (forms + event.type.index).initialize(
        to: TypeForm(
          head: head.base, headCount: head.count, fields: fields, keyPrefix: prefix.base, keyPrefixCount: prefix.count,
          keyPlace: places[0], keyFallback: places.count > 1 ? places[1] : places[0]))
    }
    self.forms = UnsafePointer(forms)
    ids = memory.allocate(UInt64.self, count: 32)
    ids.initialize(repeating: 0, count: 32)
    field = forms.pointee.fields
    self.memory = memory
  }

  /// The Kafka value of the last event: one JSON object, UTF-8. Valid until the next call, while the encoder lives.
  public var value: UnsafeRawBufferPointer { wire.bytes }

  /// The Kafka key of the last event, by its type's rule. Valid until the next call, while the encoder lives.
  public var key: UnsafeRawBufferPointer { keyWriter.bytes }

  /// Appends the wire form of an event to a buffer.
  public mutating func append(_ event: Event, to buffer: inout [UInt8]) {
    encode(event)
    buffer.append(contentsOf: value)
  }

  /// Writes one event over the last; `value` and `key` hold it until the next call. Bounds are the reader's to check; a
  /// number that is not finite is written as `null`, which it refuses.
  public mutating func encode(_ event: Event) {
    let form = forms[event.payload.type.index]
    var room = Self.fixedBytes + 6 * event.producer.utf8.count
    if let text = event.payload.text { room += 6 * text.utf8.count }
    wire.reset(reserving: room)
    wire.put(literal: "{\"event_id\":")
    wire.put(event.id)
    wire.put(form.head, count: form.headCount)
    wire.put(milliseconds: event.occurredAtMs)
    wire.put(literal: ",\"producer\":")
    wire.put(event.producer)
    wire.put(literal: ",\"payload\":{")
    field = form.fields
    place = 0
    idMask = 0
    isFirst = true
    put(event.payload)
    wire.put(literal: "}}")

    keyWriter.reset(reserving: 64)
    keyWriter.put(form.keyPrefix, count: form.keyPrefixCount)
    keyWriter.put(ids[idMask & 1 << form.keyPlace != 0 ? form.keyPlace : form.keyFallback])
  }

  private mutating func put(_ payload: EventPayload) {
    switch payload {
    case .learningSessionStarted(let session, let user, let deck, let at):
      put(id: session)
      put(id: user)
      put(id: deck)
      put(time: at)
    case .learningSessionFinished(
      let session, let user, let deck, let at, let seen, let learned, let duration, let completed):
      put(id: session)
      put(id: user)
      put(id: deck)
      put(time: at)
      put(count: seen)
      put(count: learned)
      put(count: duration)
      put(flag: completed)
    case .courseEnrolled(let enrollment, let course, let user, let at):
      if let enrollment { put(id: enrollment) } else { skip() }
      put(id: course)
      put(id: user)
      put(time: at)
    case .courseProgressUpdated(let course, let user, let deck, let progress, let at):
      put(id: course)
      put(id: user)
      put(id: deck)
      put(number: progress)
      put(time: at)
    case .userRegistered(let user, let email, let at):
      put(id: user)
      put(text: email)
      put(time: at)
    case .cardAnswered(
      let session, let user, let deck, let card, let correct, let answerTime, let rating, let at, let schedule):
      put(id: session)
      put(id: user)
      put(id: deck)
      put(id: card)
      put(flag: correct)
      put(count: answerTime)
      if let rating { put(count: UInt32(rating)) } else { skip() }
      put(time: at)
      if let seconds = schedule.sincePreviousSec { put(count: seconds) } else { skip() }
      if let days = schedule.scheduledDays { put(count: days) } else { skip() }
      if let days = schedule.stability { put(number: days) } else { skip() }
      if let share = schedule.retrievability { put(number: share) } else { skip() }
      if let due = schedule.dueAtMs { put(time: due) } else { skip() }
    case .testCompleted(let result, let user, let deck, let total, let correct, let rate, let duration, let at):
      put(id: result)
      put(id: user)
      put(id: deck)
      put(count: total)
      put(count: correct)
      put(number: rate)
      put(count: duration)
      put(time: at)
    case .courseUnenrolled(let enrollment, let course, let user, let at),
      .courseCompleted(let enrollment, let course, let user, let at):
      put(id: enrollment)
      put(id: course)
      put(id: user)
      put(time: at)
    case .courseCreated(let id, let author, let at, let title), .courseUpdated(let id, let author, let at, let title),
      .deckCreated(let id, let author, let at, let title), .deckUpdated(let id, let author, let at, let title),
      .deckDeleted(let id, let author, let at, let title):
      put(id: id)
      put(id: author)
      put(time: at)
      put(text: title)
    case .courseDeckAdded(let course, let deck, let place, let at):
      put(id: course)
      put(id: deck)
      put(count: place)
      put(time: at)
    case .coursePublished(let one, let other, let at), .courseUnpublished(let one, let other, let at),
      .courseDeleted(let one, let other, let at), .courseDeckRemoved(let one, let other, let at),
      .cardCreated(let one, let other, let at), .cardUpdated(let one, let other, let at),
      .cardDeleted(let one, let other, let at):
      put(id: one)
      put(id: other)
      put(time: at)
    case .userLoggedIn(let user, let at, let timezone):
      put(id: user)
      put(time: at)
      put(text: timezone)
    case .userDeleted(let user, let at), .userErased(let user, let at):
      put(id: user)
      put(time: at)
    }
  }

  /// Writes the next field's name.
  @inline(__always) private mutating func name() {
    let form = field.pointee
    if isFirst {
      wire.put(form.name + 1, count: form.nameCount &- 1)
    } else {
      wire.put(form.name, count: form.nameCount)
    }
    isFirst = false
    skip()
  }

  /// Leaves the next field out.
  @inline(__always) private mutating func skip() {
    field += 1
    place &+= 1
  }

  @inline(__always) private mutating func put(id: UInt64) {
    ids[place] = id
    idMask |= 1 &<< place
    name()
    wire.put(id)
  }

  @inline(__always) private mutating func put(count: UInt32) {
    name()
    wire.put(UInt64(count))
  }

  @inline(__always) private mutating func put(flag: Bool) {
    name()
    wire.put(flag)
  }

  @inline(__always) private mutating func put(number: Double) {
    name()
    wire.put(number)
  }

  @inline(__always) private mutating func put(text: String?) {
    guard let text else { return skip() }
    name()
    wire.put(text)
  }

  @inline(__always) private mutating func put(time: Int64) {
    name()
    wire.put(milliseconds: time)
  }
}

extension EventPayload {
  /// The one value of unbounded length, if there is one.
  fileprivate var text: String? {
    switch self {
    case .userRegistered(_, let text, _): text
    case .courseCreated(_, _, _, let text), .courseUpdated(_, _, _, let text), .deckCreated(_, _, _, let text),
      .deckUpdated(_, _, _, let text), .deckDeleted(_, _, _, let text), .userLoggedIn(_, _, let text):
      text
    default: nil
    }
  }
}
