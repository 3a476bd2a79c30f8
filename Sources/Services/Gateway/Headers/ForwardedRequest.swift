import NIOCore
import NIOHTTP1

/// What a request's headers become on their way to a service, in the order that keeps them from being forged: first what is for
/// this hop only is dropped, then everything that only the platform's own parts may say, then the gateway says it.
package struct ForwardedRequest {
  /// What the gateway says of a request.
  package struct Statement {
    package var caller: VerifiedCaller?
    package var requestID: String
    /// Milliseconds since 1970.
    package var deadlineMs: Int64
    package var traceParent: String
    /// Of whoever connected, as text.
    package var peer: String
    /// Whether what the peer says of its own client is passed on.
    package var isPeerTrusted: Bool

    package init(
      caller: VerifiedCaller?, requestID: String, deadlineMs: Int64, traceParent: String, peer: String,
      isPeerTrusted: Bool
    ) {
      self.caller = caller
      self.requestID = requestID
      self.deadlineMs = deadlineMs
      self.traceParent = traceParent
      self.peer = peer
      self.isPeerTrusted = isPeerTrusted
    }
  }

  /// Who was found to ask.
  package struct VerifiedCaller: Equatable {
    package var id: Int64
    package var isManager: Bool

    package init(id: Int64, isManager: Bool) {
      self.id = id
      self.isManager = isManager
    }
  }

  package let upstreamHost: String
  package let gatewaySecret: String

  package init(upstreamHost: String, gatewaySecret: String) {
    self.upstreamHost = upstreamHost
    self.gatewaySecret = gatewaySecret
  }

  /// The whole head, as bytes.
  func head(
    _ original: HTTPRequestHead, _ uri: String, _ options: ConnectionOptions, _ framing: BodyFraming,
    isBodyExpected: Bool, _ statement: Statement
  ) -> ByteBuffer {
    // Beside what comes: the names that the gateway says, and its numbers.
    var bytes = 512 + uri.utf8.count + upstreamHost.utf8.count + gatewaySecret.utf8.count
    bytes += statement.requestID.utf8.count + statement.traceParent.utf8.count + statement.peer.utf8.count
    for (name, value) in original.headers { bytes += name.utf8.count + value.utf8.count + 4 }
    return .head(upTo: bytes) { writer in
      writer.text(original.method.rawValue)
      writer.text(" ")
      writer.text(uri)
      writer.text(" HTTP/1.1\r\n")
      write(original.headers, options, framing, isBodyExpected: isBodyExpected, statement, to: &writer)
      writer.text("\r\n")
    }
  }

  package func write(
    _ original: HTTPHeaders, _ options: ConnectionOptions, _ framing: BodyFraming, isBodyExpected: Bool,
    _ statement: Statement, to headers: inout some FieldSink
  ) {
    headers.add(name: "Host", value: upstreamHost)
    var forwarded: (for: String?, proto: String?, host: String?) = (nil, nil, nil)
    var host: String?
    for (name, value) in original {
      if options.name(name) || HopByHop.contains(name) || Self.isPlatforms(name) { continue }
      switch Self.replaced(name) {
      case .no: headers.add(name: name, value: value)
      case .host: host = value
      case .forwardedFor: forwarded.for = forwarded.for.map { "\($0), \(value)" } ?? value
      case .forwardedProto: forwarded.proto = value
      case .forwardedHost: forwarded.host = value
      case .dropped: break
      }
    }
    if !statement.isPeerTrusted { forwarded = (nil, nil, nil) }
    headers.add(name: "X-Forwarded-For", value: forwarded.for.map { "\($0), \(statement.peer)" } ?? statement.peer)
    headers.add(name: "X-Forwarded-Proto", value: forwarded.proto ?? "http")
    if let host = forwarded.host ?? host { headers.add(name: "X-Forwarded-Host", value: host) }
    if let caller = statement.caller {
      headers.add(name: "X-User-Id", value: String(caller.id))
      headers.add(name: "X-User-Ismanager", value: caller.isManager ? "1" : "0")
    }
    headers.add(name: "X-Gateway-Auth", value: gatewaySecret)
    headers.add(name: "X-Request-Id", value: statement.requestID)
    headers.add(name: "X-Request-Deadline", value: String(statement.deadlineMs))
    headers.add(name: "traceparent", value: statement.traceParent)
    switch framing {
    case .chunked: headers.add(name: "Transfer-Encoding", value: "chunked")
    case .length(let bytes): headers.add(name: "Content-Length", value: String(bytes))
    case .none: if isBodyExpected { headers.add(name: "Content-Length", value: "0") }
    }
  }

  /// What only the platform's own parts may say.
  package static func isPlatforms(_ name: String) -> Bool {
    guard name.utf8.count >= 7, let first = name.utf8.first, first == UInt8(ascii: "x") || first == UInt8(ascii: "X")
    else { return false }
    return FieldName.hasPrefix(name, "x-user-") || FieldName.equals(name, "x-gateway-auth")
      || FieldName.equals(name, "x-service-auth") || FieldName.equals(name, "x-request-deadline")
  }

  private enum Replacement {
    case no, host, forwardedFor, forwardedProto, forwardedHost, dropped
  }

  private static func replaced(_ name: String) -> Replacement {
    switch name.utf8.count {
    case 4: FieldName.equals(name, "host") ? .host : .no
    case 6: FieldName.equals(name, "expect") ? .dropped : .no
    case 9: FieldName.equals(name, "forwarded") ? .dropped : .no
    case 11: FieldName.equals(name, "traceparent") ? .dropped : .no
    case 12: FieldName.equals(name, "x-request-id") ? .dropped : .no
    case 14: FieldName.equals(name, "content-length") ? .dropped : .no
    case 15: FieldName.equals(name, "x-forwarded-for") ? .forwardedFor : .no
    case 16: FieldName.equals(name, "x-forwarded-host") ? .forwardedHost : .no
    case 17: FieldName.equals(name, "x-forwarded-proto") ? .forwardedProto : .no
    default: .no
    }
  }
}
