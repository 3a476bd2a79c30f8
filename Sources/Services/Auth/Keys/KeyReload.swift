import Logging
import ServiceContract
import ServiceLifecycle
import Telemetry

/// Looks into the file of keys twice a minute, so that a key that was added there is published in time. What cannot be used
/// there is logged, and the keys stay as they are.
package struct KeyReload: Service {
  private static let interval = Duration.seconds(30)

  private let file: KeyFile
  private let issuer: TokenIssuer
  private let failures: Counter
  private let log: Logger

  package init(_ file: KeyFile, _ issuer: TokenIssuer, metrics: MetricsRegistry, log: Logger) {
    self.file = file
    self.issuer = issuer
    failures = metrics.counter(
      "auth_key_reload_failures_total", help: "Looks at the file of keys that found it unusable.")
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
      failures.increment()
      log.error("the keys stay as they are", metadata: ["reason": "\(error)"])
    }
  }
}
