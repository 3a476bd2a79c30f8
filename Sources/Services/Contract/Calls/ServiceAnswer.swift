import HTTPService
import HTTPTypes
import JSON

/// What another service answered.
package struct ServiceAnswer: Sendable {
  package let status: Int
  package let body: [UInt8]
  let retryAfter: String?

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// - Throws: `.protocolViolation` for what is no JSON.
  package func json() throws(ServiceCallError) -> JSONValue {
    do throws(JSONParser.Failure) {
      return try JSONParser.parse(body)
    } catch {
      throw .protocolViolation("the answer is no JSON: \(error.message)")
    }
  }

  /// The code of a refusal: `EMAIL_TAKEN`.
  package var code: String? {
    guard !isSuccess, case .string(let code)? = (try? json())?["error"]?["code"] else { return nil }
    return code
  }

  /// A refusal as the service worded it, to be passed on to whoever asked for this.
  /// - Throws: `.protocolViolation` for what is none.
  package func refusal() throws(ServiceCallError) -> RequestFailure {
    let error = try json()["error"]
    guard (400..<600).contains(status), case .string(let code)? = error?["code"],
      case .string(let message)? = error?["message"]
    else { throw .protocolViolation("the answer, of status \(status), is no refusal") }
    // That the services do not believe each other is no fault of whoever asked: a 401 would make clients throw a session away.
    guard ![CallerReader.unvouched.code, CallerReader.malformed.code, Caller.serviceOnly.code].contains(code) else {
      throw .protocolViolation("the service does not believe this one: is SERVICE_SECRET the same?")
    }
    var details: [Problem] = []
    if case .array(let items)? = error?["details"] {
      for item in items {
        guard case .string(let path)? = item["path"], case .string(let text)? = item["message"] else { continue }
        details.append(Problem(path, text))
      }
    }
    return RequestFailure(
      HTTPResponse.Status(code: status), code: code, message: message, details: details,
      headers: retryAfter.map { [.retryAfter: $0] } ?? [:])
  }
}
