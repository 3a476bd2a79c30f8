import HTTPService
import Hummingbird

/// A server whose one operation takes whole numbers and gives them back, for as long as `body` runs.
enum LiveAPI {
  static func serve(_ body: @Sendable (Int) async throws -> Void) async throws {
    try await LiveRouter.serve(router, body)
  }

  private static func router() -> Router<ServiceContext> {
    var api = API<ServiceContext>(title: "Live", version: "1", notes: "For tests.", authorize: { _, _ in })
    api.on(
      APIOperation(
        .post, "/api/numbers/{factor}/", id: "numbers", "Multiply", tag: "numbers", access: .anyone, path: Factor.self,
        body: .json(.array(of: .integer(0...9), count: 0...1000), limitBytes: 1000),
        success: .json(as: .array(.integer), "Products."))
    ) { call, _ in Reply(call.body.map { $0 * call.path.factor }) }
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
      middleware: RequestFrame(failures: FailureBodies(codes: .capitals), methods: MethodRefusal(api)))
    api.add(to: router)
    return router
  }

  private struct Factor: RequestObject {
    struct Fields: FieldSet {
      let factor = Field("factor", .integer(1...100))
    }

    let factor: Int

    init(_ given: Given<Fields>) {
      factor = given.factor
    }
  }
}
