import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

/// An answer that changes with time has many tags of one version: to a reader they are several, to a writer one.
@Suite struct EntityTagTests {
  private func request(_ name: HTTPField.Name, _ value: String) -> Request {
    Request(
      head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/", headerFields: [name: value]),
      body: RequestBody(buffer: ByteBuffer()))
  }

  @Test(arguments: [
    ("\"v7.3\"", true), ("W/\"v7.3\"", true), ("*", true), ("\"v1\", \"v7.3\"", true), ("\"v7.4\"", false),
    ("\"v7\"", false), ("\"v70.3\"", false), ("v7.3", false),
  ])
  func aReaderHasOneVariant(_ header: String, _ isKnown: Bool) {
    let tag = EntityTag(version: 7, variant: 3)
    #expect(tag.text == "\"v7.3\"")
    #expect(tag.isKnown(to: request(.ifNoneMatch, header)) == isKnown)
    let answer = tag.applied(to: Response(status: .ok), for: request(.ifNoneMatch, header))
    #expect(answer.status == (isKnown ? .notModified : .ok))
  }
}
