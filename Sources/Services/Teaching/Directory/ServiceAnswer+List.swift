import JSON
import ServiceContract

extension ServiceAnswer {
  /// The elements of an answer that is a list.
  /// - Throws: that the service cannot answer now (`RequestFailure`), as it words it; `ServiceCallError.protocolViolation` for
  ///   everything else: what it refuses of this one's question is not the fault of whoever asked this one.
  func list() throws -> [JSONValue] {
    guard isSuccess else {
      if status == 503 || status == 504 { throw try refusal() }
      throw ServiceCallError.protocolViolation("the service refused the question: \(status) \(code ?? "")")
    }
    guard case .array(let elements) = try json() else {
      throw ServiceCallError.protocolViolation("the answer is no list")
    }
    return elements
  }
}

extension JSONValue {
  /// A whole number as it is written.
  var int64: Int64? {
    guard case .number(let digits) = self else { return nil }
    return Int64(digits)
  }
}
