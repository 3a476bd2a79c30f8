import HTTPService
import HTTPTypes
import ServiceStore
import Testing

@Suite struct IdempotencyKeyTests {
  @Test(arguments: ["a", "550e8400-e29b-41d4-a716-446655440000", "a b", "~", String(repeating: "k", count: 64)])
  func wellFormed(text: String) throws {
    #expect(try IdempotencyKey.read([.idempotencyKey: text])?.text == text)
  }

  @Test(arguments: ["", "ключ", "a\tb", "a\u{7F}", "a\u{0}", "\u{E9}", String(repeating: "k", count: 65)])
  func malformed(text: String) throws {
    #expect(IdempotencyKey(text) == nil)
  }

  @Test func malformedInARequest() throws {
    for text in ["ключ", String(repeating: "k", count: 65)] {
      let failure = #expect(throws: RequestFailure.self) { try IdempotencyKey.read([.idempotencyKey: text]) }
      #expect(failure?.status == .badRequest && failure?.code == "INVALID_IDEMPOTENCY_KEY")
    }
  }

  @Test func oneOrNone() throws {
    #expect(try IdempotencyKey.read([:]) == nil)
    var headers: HTTPFields = [.idempotencyKey: "a"]
    headers.append(HTTPField(name: .idempotencyKey, value: "a"))
    #expect(throws: RequestFailure.self) { try IdempotencyKey.read(headers) }
  }
}
