import Blocking
import Glibc
import Synchronization

/// The addresses of a host, looked for on a thread of its own: `getaddrinfo` cannot be interrupted, and may take far longer
/// than a deadline allows.
final class HostLookup: Sendable {
  private let thread: BlockingThread
  private let outcome: Outcome

  private final class Outcome: Sendable {
    let result = Mutex<Result<[SocketAddress], StreamFailure>?>(nil)
  }

  /// Begins at once.
  init(_ host: String, port: Int) {
    let outcome = Outcome()
    self.outcome = outcome
    thread = BlockingThread("redis-lookup", stackBytes: 512 << 10) {
      let result = Self.look(host, port)
      outcome.result.withLock { $0 = result }
    }
  }

  /// Waits for the addresses: at least one.
  func addresses(_ limit: WaitLimit) throws(StreamFailure) -> [SocketAddress] {
    while true {
      let slice = try limit.slice()
      _ = thread.join(within: .milliseconds(slice ?? 0))
      if let result = outcome.result.withLock({ $0 }) { return try result.get() }
      if slice == nil { throw .deadlineExceeded }
    }
  }

  private static func look(_ host: String, _ port: Int) -> Result<[SocketAddress], StreamFailure> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      return .failure(.broken("the host was not found: \(String(cString: gai_strerror(code)))"))
    }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = entry.ai_addr {
        found.append(
          SocketAddress(
            family: entry.ai_family,
            bytes: [UInt8](UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))))
      }
      next = entry.ai_next
    }
    return found.isEmpty ? .failure(.broken("the host has no address")) : .success(found)
  }
}

/// A `sockaddr`, whatever its family.
struct SocketAddress: Sendable, Equatable {
  let family: Int32
  let bytes: [UInt8]
}
