import Glibc

/// A TCP connection each of whose waits ends, see ``WaitLimit``. Belongs to one thread at a time.
final class StreamSocket {
  private let descriptor: Int32

  /// Connects to the first of the addresses that answers.
  init(to addresses: [SocketAddress], _ limit: WaitLimit) throws(StreamFailure) {
    descriptor = try Self.connected(toOneOf: addresses, limit)
  }

  deinit { close(descriptor) }

  private static func connected(
    toOneOf addresses: [SocketAddress], _ limit: WaitLimit
  ) throws(StreamFailure) -> Int32 {
    var last = StreamFailure.broken("the host has no address")
    for address in addresses {
      do throws(StreamFailure) {
        return try connected(to: address, limit)
      } catch {
        guard case .broken = error else { throw error }
        last = error
      }
    }
    throw last
  }

  private static func connected(to address: SocketAddress, _ limit: WaitLimit) throws(StreamFailure) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { throw .broken(words(errno)) }
    do throws(StreamFailure) {
      let code = address.bytes.withUnsafeBytes {
        connect(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
      if code != 0 {
        guard errno == EINPROGRESS else { throw .broken(words(errno)) }
        try limit.wait(for: descriptor, POLLOUT)
        var outcome: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length)
        guard outcome == 0 else { throw .broken(words(outcome)) }
      }
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Sends all of the bytes.
  func send(_ bytes: [UInt8], _ limit: WaitLimit) throws(StreamFailure) {
    var offset = 0
    while offset < bytes.count {
      let sent = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + offset, $0.count - offset, Int32(MSG_NOSIGNAL))
      }
      if sent >= 0 {
        offset += sent
      } else if errno == EAGAIN {
        try limit.wait(for: descriptor, POLLOUT)
      } else if errno != EINTR {
        throw .broken(Self.words(errno))
      }
    }
  }

  /// Waits for bytes and returns how many came, at least one.
  func receive(into buffer: UnsafeMutableRawBufferPointer, _ limit: WaitLimit) throws(StreamFailure) -> Int {
    while true {
      try limit.wait(for: descriptor, POLLIN)
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return count }
      if count == 0 { throw .broken("the server closed the connection") }
      if errno != EAGAIN, errno != EINTR { throw .broken(Self.words(errno)) }
    }
  }

  /// Whether the peer has neither closed the connection nor sent anything that was not asked for.
  var isQuiet: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
  }

  private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
