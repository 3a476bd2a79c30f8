import HTTPService
import HTTPTypes
import Hummingbird

/// Finds out who asks and until when, before anything else is done for a request.
struct CallIntroduction: Sendable {
  let reader: CallerReader
  let deadline: RequestDeadline
  let clock: RequestClock

  func introduce(_ context: inout CallContext, _ request: Request) async throws {
    let introduction = try reader.introduction(request.headers)
    context.caller = introduction.caller
    context.isVouchedFor = introduction.isVouchedFor
    context.logger[metadataKey: "caller"] = .string(introduction.caller.name)
    context.deadline = try deadline.instant(
      request.headers, arrival: await context.connection.requestArrival(), now: .now,
      isVouchedFor: introduction.isVouchedFor)
    context.now = try clock.now(request.headers)
    context.simulatedTime = request.headers[.simulatedTime]
    context.traceParent = TraceParent(request.headers[.traceParent])
    if let traceID = context.traceParent?.traceID { context.logger[metadataKey: "trace_id"] = .string(String(traceID)) }
  }
}

extension HTTPField.Name {
  package static let traceParent = HTTPField.Name("traceparent")!
}
