import Logging
import ServiceContract
import ServiceLifecycle

/// Looks into the file of keys twice a minute, so that a key that was added there is published in time. What cannot be used
/// there is logged, and the keys stay as they are.
package struct KeyReload: Service {
  private static let interval = Duration.seconds(30)

  private let file: KeyFile
  private let issuer: TokenIssuer
  private let log: Logger

  package init(_ file: KeyFile, _ issuer: TokenIssuer, log: Logger) {
    self.file = file
    self.issuer = issuer
    self.log = log
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.interval)
        if !Task.isCancelled { look() }
      }
    }
  }

  private func look() {
    do throws(KeyFile.Problem) {
      let ring = try file.read()
      if issuer.replace(with: ring) {
        log.notice("the keys have changed", metadata: ["keys": "\(ring.keys.map(\.id).joined(separator: " "))"])
      }
    } catch {
      log.error("the keys stay as they are", metadata: ["reason": "\(error)"])
    }
  }
}
