import JSON
import ServiceContract

/// What the users service knows of people who are registered. Nothing of it is kept here.
struct PeopleDirectory: Sendable {
  /// As many as the users service takes.
  private static let atOnce = 500
  /// In UTF-8; nobody's address is longer (RFC 5321), and the users service refuses to look for what is.
  private static let longestAddress = 254

  private let service: ServiceClient

  init(_ service: ServiceClient) {
    self.service = service
  }

  /// Those of the addresses that there are; by address as ``address(_:)`` has it.
  /// - Throws: `ServiceCallError`, `RequestFailure`.
  func people(withAddresses addresses: [String], for context: CallContext) async throws -> [String: KnownPerson] {
    var found: [String: KnownPerson] = [:]
    let known = Set(addresses.map(Self.address)).filter { $0.utf8.count <= Self.longestAddress }
    let people = try await read("emails", known.sorted().map { .string($0) }, context)
    for person in people { found[Self.address(person.email)] = person }
    return found
  }

  /// Those that there are; by id.
  /// - Throws: `ServiceCallError`, `RequestFailure`.
  func people(_ ids: [Int64], for context: CallContext) async throws -> [Int64: KnownPerson] {
    var found: [Int64: KnownPerson] = [:]
    for person in try await read("user_ids", Set(ids).sorted().map { .number("\($0)") }, context) {
      found[person.id] = person
    }
    return found
  }

  /// The form in which addresses are compared.
  static func address(_ typed: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(typed.drop(while: isBlank).reversed().drop(while: isBlank).reversed()).lowercased()
  }

  private func read(_ member: String, _ values: [JSONValue], _ context: CallContext) async throws -> [KnownPerson] {
    var found: [KnownPerson] = []
    for start in stride(from: 0, to: values.count, by: Self.atOnce) {
      let part = Array(values[start..<min(start + Self.atOnce, values.count)])
      let answer = try await service.send(
        .post, "/api/internal/people", body: Array(JSONValue.members([(member, .array(part))]).text.utf8),
        context: context)
      for element in try answer.list() { found.append(try KnownPerson(element)) }
    }
    return found
  }
}
