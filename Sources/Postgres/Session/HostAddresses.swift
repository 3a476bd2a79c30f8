import Blocking
import Glibc

/// The numeric addresses of a host's name. libpq would look them up by itself, for as long as that takes.
enum HostAddresses {
  /// How often a raised flag is looked at.
  private static let tick = Duration.milliseconds(50)

  /// Looks them up on a thread of its own, which is left to its end if it outlasts the deadline.
  static func of(
    _ host: String, until deadline: ContinuousClock.Instant, cancellation: CancellationFlag?
  ) throws(PostgresError) -> [String] {
    var scratch = in6_addr()
    if inet_pton(AF_INET, host, &scratch) == 1 || inet_pton(AF_INET6, host, &scratch) == 1 { return [host] }
    let found = Monitor<[String]?>(nil)
    _ = BlockingThread("pg-lookup", stackBytes: 256 << 10) {
      let addresses = lookUp(host)
      found.withLock { $0 = addresses }
      found.notify()
    }
    let addresses: [String]? = found.wait { found in
      if let found { return .done(found) }
      let now = ContinuousClock.now
      if now >= deadline || cancellation?.isRaised == true { return .done(nil) }
      return .until(min(deadline, now + tick))
    }
    guard let addresses else { throw cancellation?.isRaised == true ? .cancelled : .connection(.timedOut) }
    guard !addresses.isEmpty else { throw .connection(.unknownHost) }
    return addresses
  }

  private static func lookUp(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        let address = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        if !addresses.contains(address) { addresses.append(address) }
      }
      next = entry.ai_next
    }
    return addresses
  }
}
