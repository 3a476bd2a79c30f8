/// What becomes of an exchange's bytes: hands out the request's body, and takes the answer as it arrives. Called on the
/// thread that performs the request.
package protocol HTTPExchange: AnyObject {
  /// Fills the buffer with the next bytes of the request's body and returns how many; 0 at its end, or
  /// ``HTTPConnection/nothingYet``.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int
  /// Takes one line of the answer's head, its end included; the first is the status line.
  func header(_ line: UnsafeRawBufferPointer)
  /// Takes bytes of the answer's body; false ends the exchange.
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// How an exchange ended.
package enum HTTPEnding: Sendable {
  /// libcurl has an answer that it takes for whole. It does so too for one that has no length, or ends within its head.
  case answered
  /// The flag was raised; the connection is closed.
  case cancelled
  case failed(HTTPFailure)
}

/// Why an exchange failed.
package struct HTTPFailure: Sendable {
  /// What happened, in general words: no address is in them.
  package let reason: String
  /// libcurl's own words, which may name the server.
  package let detail: String
  /// Whether any byte of the request left. If not, the server has seen nothing of it.
  package let hasSent: Bool
}
