import Foundation
import JSON
import Loopback
import RealServers

/// An answer as it came over the wire.
struct RawAnswer: Sendable {
  let text: String

  var status: Int { Int(text.dropFirst(9).prefix(3)) ?? 0 }
  var head: String { text.range(of: "\r\n\r\n").map { String(text[..<$0.lowerBound]) } ?? text }
  var body: String { text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }

  func values(_ name: String) -> [String] {
    head.split(separator: "\r\n").dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
  }

  /// Of a failure.
  var code: String? {
    guard case .string(let code)? = (try? JSONParser.parse(Array(body.utf8)))?["error"]?["code"] else { return nil }
    return code
  }

  /// The cause that a failure of a service names.
  var cause: String? {
    guard let error = (try? JSONParser.parse(Array(body.utf8)))?["error"], case .array(let details)? = error["details"]
    else { return nil }
    for detail in details where detail["path"] == .string("cause") {
      if case .string(let cause)? = detail["message"] { return cause }
    }
    return nil
  }

  /// Whether there is all of it, going by what it says of its length.
  var isWhole: Bool {
    guard text.contains("\r\n\r\n") else { return false }
    if status == 204 || status == 304 { return true }
    if let length = values("content-length").first.flatMap({ Int($0) }) { return body.utf8.count >= length }
    return values("transfer-encoding").first == "chunked" && body.hasSuffix("0\r\n\r\n")
  }
}

extension RawConnection {
  /// The next answer, whole or as far as it came before the end of the connection.
  func answer(to method: String = "GET") async throws -> RawAnswer {
    var answer = RawAnswer(text: "")
    while !answer.isWhole {
      let more = try await received()
      guard !more.isEmpty else { return answer }
      answer = RawAnswer(text: answer.text + more)
      if method == "HEAD", answer.text.contains("\r\n\r\n") { break }
    }
    return answer
  }
}
