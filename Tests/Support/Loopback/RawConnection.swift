import Blocking
import Foundation

/// A client as no library would make it: it sends half of things and stops.
package final class RawConnection: Sendable {
  private let socket: Int32

  package init(port: Int, receiveBytes: Int32? = nil) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var receiveBytes {
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
  }

  deinit { close(socket) }

  package func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Sends all of it, however long that takes.
  package func sendAll(_ text: String) async throws {
    _ = try await BlockingThread.run("raw") { [self] in LoopbackListener.send(text.utf8, to: socket) }
  }

  /// Sends without waiting; how many bytes the system took.
  package func sendWhatFits(_ bytes: [UInt8]) -> Int {
    max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
  }

  /// Ends the connection with a reset.
  package func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// Says that nothing more comes.
  package func finish() { shutdown(socket, Int32(SHUT_WR)) }

  /// What comes until the server closes the connection; nil if it does not within 20 s.
  package func untilClosed() async throws -> String? {
    try await BlockingThread.run("raw") { [self] in
      var answer: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 {
          answer += buffer[..<count]
        } else if count < 0, errno == EAGAIN {
          return nil
        } else {
          return String(decoding: answer, as: UTF8.self)
        }
      }
    }
  }

  /// What comes with the next read.
  package func received() async throws -> String {
    try await BlockingThread.run("raw") { [self] in
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(socket, &buffer, buffer.count, 0)
      return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
  }

  /// What comes with the next read; nil if nothing does within `limit`.
  package func received(within limit: Duration) async throws -> String? {
    try await BlockingThread.run("raw") { [self] in
      var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&poll, 1, Int32(limit / .milliseconds(1))) > 0 else { return nil }
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(socket, &buffer, buffer.count, 0)
      return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
  }
}
