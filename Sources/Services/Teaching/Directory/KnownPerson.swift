import JSON
import ServiceContract

/// What the users service says of a person. No textual form of it says more than the number: names and addresses are in no log.
struct KnownPerson: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  let id: Int64
  let name: String
  let surname: String
  /// In small letters.
  let email: String

  var description: String { "person \(id)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

extension KnownPerson {
  /// Of the users service's answer.
  /// - Throws: `.protocolViolation`.
  init(_ json: JSONValue) throws(ServiceCallError) {
    guard let id = json["id"]?.int64, case .string(let name)? = json["name"],
      case .string(let surname)? = json["surname"], case .string(let email)? = json["email"]
    else { throw .protocolViolation("the answer is no list of people") }
    self.init(id: id, name: name, surname: surname, email: email)
  }
}
