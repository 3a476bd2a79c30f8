import HTTPService
import JSON
import ServiceContract

/// The users service, which knows people and their passwords. What it refuses is thrown as it words it.
struct UsersClient: Sendable {
  private let client: ServiceClient

  init(_ client: ServiceClient) {
    self.client = client
  }

  /// - Throws: `RequestFailure`, 401 when address and password do not belong together; `ServiceCallError`.
  func verify(_ login: Login, _ context: CallContext) async throws -> Person {
    var members: [(String, JSONValue)] = [("email", .string(login.email)), ("password", .string(login.password))]
    if let timezone = login.timezone { members.append(("timezone", .string(timezone))) }
    return try Person(await answer(.post, "/api/verify_user", members, context).json())
  }

  func register(_ person: Registration, _ context: CallContext) async throws -> Person {
    var members: [(String, JSONValue)] = [
      ("name", .string(person.name.text)), ("surname", .string(person.surname.text)), ("email", .string(person.email)),
      ("password", .string(person.password)),
    ]
    if let timezone = person.timezone { members.append(("timezone", .string(timezone))) }
    return try Person(await answer(.post, "/api/users/", members, context).json())
  }

  /// - Returns: nil when there is nobody of that id any more.
  func person(_ id: Int64, _ context: CallContext) async throws -> Person? {
    let answer = try await client.send(.get, "/api/users/id/\(id)", context: context)
    if answer.status == 404 { return nil }
    guard answer.isSuccess else { throw try answer.refusal() }
    return try Person(answer.json())
  }

  /// Also ends all the person's sessions.
  func changePassword(of id: Int64, _ change: PasswordChange, _ context: CallContext) async throws -> Person {
    let members: [(String, JSONValue)] = [
      ("password", .string(change.newPassword)), ("old_password", .string(change.oldPassword)),
    ]
    do {
      return try Person(await answer(.patch, "/api/users/\(id)", members, context).json())
    } catch let refusal as RequestFailure {
      throw refusal.renaming("password", to: "new_password")
    }
  }

  private func answer(
    _ method: HTTPMethod, _ path: String, _ members: [(String, JSONValue)], _ context: CallContext
  ) async throws -> ServiceAnswer {
    let body = Array(JSONValue.members(members).text.utf8)
    let answer = try await client.send(method, path, body: body, context: context)
    guard answer.isSuccess else { throw try answer.refusal() }
    return answer
  }
}

extension RequestFailure {
  /// With another name for one of the fields that are wrong.
  fileprivate func renaming(_ old: String, to new: String) -> RequestFailure {
    RequestFailure(
      status, code: code, message: message, path: path == old ? new : path,
      details: details.map { $0.path == old ? Problem(new, $0.message) : $0 }, headers: headers)
  }
}
