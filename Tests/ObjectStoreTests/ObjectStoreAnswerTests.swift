import Foundation
import Loopback
import ObjectStore
import Testing

/// What a request's caller may conclude when the store or what stands before it misbehaves.
@Suite struct ObjectStoreAnswerTests {
  private func store(_ server: ScriptedServer) throws -> ObjectStore {
    try ObjectStore(
      ObjectStoreConfiguration(endpoint: server.url, accessKey: "key", secretKey: "s3cret-w0rd"), bucket: "cards")
  }

  private func refusal(_ body: () async throws(ObjectStoreError) -> Void) async -> ObjectStoreError? {
    do throws(ObjectStoreError) {
      try await body()
      return nil
    } catch { return error }
  }

  /// What a GET of an object ends with, when this is the answer.
  private func get(_ step: ScriptedServer.Step, limit: Int = 1000) async throws -> ObjectStoreError? {
    let server = ScriptedServer([step])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    return await refusal { () throws(ObjectStoreError) in _ = try await store.get("k", limit: limit) }
  }

  private static func answer(_ status: String, _ body: String) -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func theRequestIsSignedAndHoldsNoSecret() async throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok("", headers: "ETag: \"e\"\r\n"))])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    #expect(try await store.put(Array("picture".utf8), "a b+c", contentType: "image/png") == "\"e\"")
    let request = try #require(server.requests.first)
    let lines = request.split(separator: "\r\n")
    #expect(lines.first == "PUT /cards/a%20b%2Bc HTTP/1.1")
    #expect(lines.contains("content-type: image/png") && lines.contains("Content-Length: 7"))
    #expect(lines.contains("Host: \(server.url.dropFirst(7))"))
    let signed = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,Signature="
    #expect(lines.contains { $0.hasPrefix("Authorization: AWS4-HMAC-SHA256 Credential=key/") && $0.contains(signed) })
    #expect(!request.contains("w0rd"))
    #expect(lines.last == "picture")
  }

  @Test func errorsHaveACode() async throws {
    let denied =
      "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message><HostId>h</HostId></Error>"
    #expect(
      try await get(.answer(Self.answer("403 Forbidden", denied)))
        == .server(code: "AccessDenied", status: 403, message: "no"))
    let gone = "<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"
    #expect(try await get(.answer(Self.answer("404 Not Found", gone))) == .notFound)
    let slow = try await get(.answer(Self.answer("503 x", "<Error><Code>SlowDown</Code></Error>")))
    #expect(slow == .server(code: "SlowDown", status: 503, message: ""))
    #expect(slow?.isUnavailability == true)
  }

  @Test(arguments: ["502 Bad Gateway", "301 Moved", "404 x", "403 x"]) func whoeverAnswersIsNotS3(_ status: String)
    async throws
  {
    let code = String(status.prefix(3))
    #expect(
      try await get(.answer(Self.answer(status, "<html><br></html>")))
        == .server(code: "HTTP \(code)", status: Int(code) ?? 0, message: "no reason was given"))
  }

  @Test func anErrorWithoutEndIsBounded() async throws {
    let huge = "<Error><Code>X</Code><Message>\(String(repeating: "m", count: 2_000_000))</Message></Error>"
    #expect(
      try await get(.answer(Self.answer("500 x", huge)))
        == .server(code: "HTTP 500", status: 500, message: "no reason was given"))
    let long = "<Error><Code>X</Code><Message>\(String(repeating: "m", count: 20_000))</Message></Error>"
    #expect(
      try await get(.answer(Self.answer("500 x", long)))
        == .server(code: "X", status: 500, message: String(repeating: "m", count: 200)))
  }

  @Test func moreThanIsTakenIsRefused() async throws {
    let body = String(repeating: "x", count: 1001)
    #expect(try await get(.answer(ScriptedServer.ok(body))) == .tooLarge(limit: 1000))
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\(body)\r\n0\r\n\r\n"
    #expect(try await get(.answer(chunked)) == .tooLarge(limit: 1000))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nETag: e\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Le",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 200 OK\r\n\r\nabc", "",
  ]) func anAnswerCutShortIsNotTakenForWhole(_ answer: String) async throws {
    switch try await get(.answerAndClose(answer)) {
    case .interrupted, .protocolViolation: break
    case let other: Issue.record("\(String(describing: other))")
    }
  }

  @Test func anErrorAfterItsStatusIsAnError() async throws {
    let late = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>sorry</Message></Error>"
    let server = ScriptedServer([.answer(ScriptedServer.ok(late)), .answer(ScriptedServer.ok("<Other/>"))])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    #expect(
      await refusal { () throws(ObjectStoreError) in try await store.copy("a", to: "b") }
        == .server(code: "InternalError", status: 200, message: "sorry"))
    #expect(
      await refusal { () throws(ObjectStoreError) in try await store.copy("a", to: "b") }
        == .protocolViolation("the answer is no CopyObjectResult"))
    #expect(server.requests.first?.contains("x-amz-copy-source: /cards/a\r\n") == true)
  }

  @Test(arguments: [
    "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key>k</Key><Size>x</Size></Contents></ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>",
    "<!DOCTYPE x><ListBucketResult/>", "{}", "",
  ]) func aListingThatMakesNoSenseIsRefused(_ body: String) async throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok(body))])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    let error = await refusal { () throws(ObjectStoreError) in _ = try await store.list(continuation: "t") }
    guard case .protocolViolation = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func whatABulkDeleteDidNotDeleteIsTold() async throws {
    let server = ScriptedServer([
      .answer(
        ScriptedServer.ok(
          """
          <DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error><Deleted><Key>b</Key></Deleted>\
          <Error><Key>c</Key><Code>NoSuchKey</Code></Error></DeleteResult>
          """))
    ])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    #expect(try await store.delete(["a", "b&<", "c"]) == [ObjectRefusal(key: "a", code: "AccessDenied")])
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /cards?delete= HTTP/1.1\r\n") && request.contains("<Key>b&amp;&lt;</Key>"))
    #expect(request.contains("content-md5: "))
    #expect(try await store.delete([]).isEmpty)
  }

  @Test func aSilentStoreEndsWithTheDeadline() async throws {
    let server = ScriptedServer([.hang])
    defer { server.stop() }
    let store = try store(server)
    defer { store.close() }
    let error = await refusal { () throws(ObjectStoreError) in
      _ = try await store.get("k", deadline: .now + .milliseconds(200))
    }
    #expect(error == .deadlineExceeded)
  }
}
