import JSON

/// A value of an answer together with its place, read as what the API promises it to be.
package struct AnswerValue: Sendable {
  private let value: JSONValue
  /// As `cards[3].id`; empty for the whole answer.
  private let place: String

  init(_ value: JSONValue, at place: String = "") {
    self.value = value
    self.place = place
  }

  /// - Throws: `.malformed` for what is no JSON.
  init(_ body: [UInt8]) throws(PlatformError) {
    do throws(JSONParser.Failure) {
      self.init(try JSONParser.parse(body))
    } catch { throw .malformed("it is no JSON: \(error.message), at byte \(error.offset)") }
  }

  package var isNull: Bool { value == .null }

  /// A member that has to be there.
  package func member(_ name: String) throws(PlatformError) -> AnswerValue {
    guard let found = try optional(name) else { throw .malformed("\(inside(name)) is missing") }
    return found
  }

  /// A member that may be left out or null.
  package func optional(_ name: String) throws(PlatformError) -> AnswerValue? {
    guard case .object = value else { throw unexpected("an object") }
    guard let member = value[name], member != .null else { return nil }
    return AnswerValue(member, at: inside(name))
  }

  package func integer() throws(PlatformError) -> Int64 {
    guard case .number(let digits) = value, let number = Int64(digits) else { throw unexpected("a whole number") }
    return number
  }

  /// An id: a whole number above 0.
  package func id() throws(PlatformError) -> Int64 {
    let number = try integer()
    guard number > 0 else { throw unexpected("an id") }
    return number
  }

  package func text() throws(PlatformError) -> String {
    guard case .string(let text) = value else { throw unexpected("a string") }
    return text
  }

  package func flag() throws(PlatformError) -> Bool {
    guard case .bool(let flag) = value else { throw unexpected("a boolean") }
    return flag
  }

  package func array() throws(PlatformError) -> [AnswerValue] {
    guard case .array(let values) = value else { throw unexpected("an array") }
    return values.enumerated().map { AnswerValue($1, at: "\(place)[\($0)]") }
  }

  /// Every element, read alike.
  package func array<Element>(
    of read: (AnswerValue) throws(PlatformError) -> Element
  ) throws(PlatformError) -> [Element] {
    var elements: [Element] = []
    for value in try array() { elements.append(try read(value)) }
    return elements
  }

  /// An object whose members are strings.
  package func texts() throws(PlatformError) -> [(name: String, value: String)] {
    guard case .object(let members) = value else { throw unexpected("an object") }
    var texts: [(name: String, value: String)] = []
    for member in members { texts.append((member.name, try AnswerValue(member.value, at: inside(member.name)).text())) }
    return texts
  }

  private func inside(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  private func unexpected(_ wanted: String) -> PlatformError {
    .malformed("\(place.isEmpty ? "it" : place) is \(value.kind), not \(wanted)")
  }
}
