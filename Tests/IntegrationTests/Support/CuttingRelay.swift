import Dispatch
import Foundation
import Loopback
import Synchronization

/// A relay on 127.0.0.1 to a server there, which can cut a connection in the middle of what the server says.
final class CuttingRelay: Sendable {
  private let listener: LoopbackListener
  private let budget: Budget

  /// How many bytes of the server's are still passed on before all is cut, once; nil: no end.
  private final class Budget: Sendable {
    let left = Mutex<Int?>(nil)

    func allowance(_ count: Int) -> Int {
      left.withLock { left in
        guard let limit = left else { return count }
        left = limit < count ? nil : limit - count
        return min(limit, count)
      }
    }
  }

  init(to target: Int) {
    let budget = Budget()
    self.budget = budget
    listener = LoopbackListener { client in
      guard let server = LoopbackListener.connect(to: UInt16(target)) else { return }
      let back = DispatchSemaphore(value: 0)
      Thread {
        Self.pump(from: server, to: client, budget)
        back.signal()
      }.start()
      Self.pump(from: client, to: server, nil)
      back.wait()
      close(server)
    }
  }

  var port: UInt16 { listener.port }

  /// Cuts the connection on which the server has said so many more bytes.
  func cut(after bytes: Int) { budget.left.withLock { $0 = bytes } }

  func stop() { listener.stop() }

  private static func pump(from source: Int32, to target: Int32, _ budget: Budget?) {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
      let allowed = budget?.allowance(count) ?? count
      guard LoopbackListener.send(buffer[..<allowed], to: target), allowed == count else { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(target, Int32(SHUT_RDWR))
  }
}
