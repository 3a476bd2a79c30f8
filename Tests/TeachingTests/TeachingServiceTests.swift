import HTTPServiceTesting
import Testing

@Suite struct TeachingServiceTests {
  @Test func whoIsNotVouchedForIsRefused() async throws {
    let client = try UnreachableTeaching().client
    #expect(try await client.send("GET", "/api/openapi.json").status == 200)
    #expect(try await client.send("GET", "/api/nothing").status == 404)
  }
}
