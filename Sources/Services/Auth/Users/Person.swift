import HTTPService
import JSON
import ServiceContract

/// Somebody, as the users service describes them.
struct Person: Sendable, Equatable {
  let id: Int64
  let name: String
  let surname: String
  let email: String
  let isManager: Bool

  init(_ json: JSONValue) throws(ServiceCallError) {
    guard case .number(let id)? = json["id"], let id = Int64(id), id > 0, case .string(let name)? = json["name"],
      case .string(let surname)? = json["surname"], case .string(let email)? = json["email"],
      case .bool(let isManager)? = json["is_manager"]
    else { throw .protocolViolation("a person of an unknown form") }
    (self.id, self.name, self.surname, self.email, self.isManager) = (id, name, surname, email, isManager)
  }

  static let representation = Representation<Person>.object(
    "Person",
    [
      .init("id", .id) { $0.id },
      .init("name", .text) { $0.name },
      .init("surname", .text) { $0.surname },
      .init("email", .text) { $0.email },
      .init("is_manager", .flag) { $0.isManager },
    ])
}
