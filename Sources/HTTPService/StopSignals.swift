import Dispatch
import Foundation

/// SIGTERM and SIGINT as an asynchronous sequence, for roles that are not HTTP servers.
///
/// While it lives the signals no longer end the process by themselves; whoever iterates decides.
package struct StopSignals: AsyncSequence, Sendable {
  package typealias Element = Int32
  private let stream: AsyncStream<Int32>

  package init() {
    stream = AsyncStream { continuation in
      let sources = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield(number) }
        source.activate()
        return UncheckedSource(source)
      }
      continuation.onTermination = { _ in for held in sources { held.source.cancel() } }
    }
  }

  package func makeAsyncIterator() -> AsyncStream<Int32>.AsyncIterator { stream.makeAsyncIterator() }

  /// Dispatch sources may be used from any thread, but do not say so to the compiler.
  private struct UncheckedSource: @unchecked Sendable {
    let source: any DispatchSourceSignal
    init(_ source: any DispatchSourceSignal) { self.source = source }
  }
}
