import Foundation
import Glibc

/// Listens on a free port of 127.0.0.1 and hands each connection to a thread of its own; closes it when that returns.
package final class LoopbackListener: Sendable {
  package let port: UInt16
  private let socket: Int32

  package init(_ serve: @escaping @Sendable (Int32) -> Void) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.socket = socket
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(socket, $0, length) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &length) == 0)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    Thread {
      while case let connection = accept(socket, nil, nil), connection >= 0 {
        Thread {
          serve(connection)
          close(connection)
        }.start()
      }
    }.start()
  }

  /// Stops listening; connections end with their clients.
  package func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  /// A connection to a port of 127.0.0.1; nil if nobody listens there.
  package static func connect(to port: UInt16) -> Int32? {
    let connection = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code == 0 { return connection }
    close(connection)
    return nil
  }

  /// Sends all of the bytes; false if the peer is gone.
  @discardableResult
  package static func send(_ bytes: some Sequence<UInt8>, to connection: Int32) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
