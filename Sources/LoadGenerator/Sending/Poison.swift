import EventSchema

/// Makes invalid messages of valid ones, each class of fault in turn, and knows the reason each must be refused for.
struct Poison {
  /// The reasons in their turn. The one message over 1 MiB comes once, at the end of the first round.
  static let classes: [Reason] = [
    .malformedJSON, .unknownType, .missingField, .wrongType, .badTime, .badUUID, .timeTooEarly, .timeInFuture,
    .unknownVersion, .invalidUTF8, .loneSurrogate, .tooDeep, .notAnObject, .nonFiniteNumber, .tooLarge,
  ]

  private var turn = 0
  private var bytes: [UInt8] = []
  private let lent = LentBytes()

  /// The next message; its bytes are lent until the next call.
  mutating func next(id: EventID) -> (value: UnsafeRawBufferPointer, reason: Reason) {
    let reason = Self.classes[turn < Self.classes.count ? turn : turn % (Self.classes.count - 1)]
    turn += 1
    bytes.removeAll(keepingCapacity: true)
    write(reason, id: id)
    lent.replace(with: bytes)
    return (lent.bytes, reason)
  }

  private mutating func write(_ reason: Reason, id: EventID) {
    var idText = id.description
    var type = "user_logged_in"
    var version = "1"
    var time = "\"2024-05-05T05:05:05.005Z\""
    var producer = Array("auth-service".utf8)
    var user = "\"user_id\":7,"
    var extra = ""
    switch reason {
    case .badUUID: idText.removeLast()
    case .unknownType: type = "user_vanished"
    case .unknownVersion: version = "99"
    case .badTime: time = "\"2024-02-30T00:00:00Z\""
    case .timeTooEarly: time = "\"1999-12-31T23:59:59.999Z\""
    case .timeInFuture: time = "\"2098-01-01T00:00:00Z\""
    case .missingField: user = ""
    case .wrongType: user = "\"user_id\":\"7\","
    case .invalidUTF8: producer = [0x61, 0xFF, 0x62]
    case .loneSurrogate: producer = Array("auth\\ud83d".utf8)
    case .tooDeep: extra = ",\"note\":" + String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
    case .nonFiniteNumber: extra = ",\"note\":NaN"
    case .tooLarge: extra = ",\"note\":\"" + String(repeating: "x", count: EventDecoder.maxMessageBytes) + "\""
    default: break
    }
    if reason == .notAnObject {
      bytes.append(contentsOf: "[\"\(idText)\"]".utf8)
      return
    }
    bytes.append(
      contentsOf:
        "{\"event_id\":\"\(idText)\",\"event_type\":\"\(type)\",\"event_version\":\(version),\"occured_at\":\(time),\"producer\":\""
        .utf8)
    bytes.append(contentsOf: producer)
    bytes.append(contentsOf: "\",\"payload\":{\(user)\"logged_in_at\":\(time)}\(extra)}".utf8)
    if reason == .malformedJSON { bytes.removeLast() }
  }
}
