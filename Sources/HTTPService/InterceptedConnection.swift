import NIOCore

/// A connection as its interceptor has it: answers of the interceptor's own go out as bytes, past the framework's encoder, and the
/// connection's clock learns from it what requests come and which of them it has answered. Used on its event loop only.
package struct InterceptedConnection {
  private let bytes: ConnectionBytesHandler

  init(_ bytes: ConnectionBytesHandler) {
    self.bytes = bytes
  }

  /// A request's head came, whoever will answer it.
  package func requestBegan(_ now: NIODeadline) { bytes.update { $0.headCame(now) } }

  /// All of the last request has come.
  package func requestEnded() { bytes.update { $0.requestEnded() } }

  /// An answer of the interceptor's own has been sent.
  package func answerEnded(_ now: NIODeadline) { bytes.update { $0.answerWritten(now) } }

  /// Part of an answer, to be flushed.
  package func send(_ part: ByteBuffer) { bytes.send(part) }

  package func flush() { bytes.flush() }
}
