import HTTPService
import Testing

@Suite struct SwaggerUITests {
  /// `make setup` fetches it before the build.
  @Test func isPartOfTheProgram() {
    #expect(SwaggerUI.script.readableBytes > 1_000_000, "run `make setup`, and build again")
    #expect(SwaggerUI.style.readableBytes > 100_000)
  }
}
