import ArgumentParser
import Blocking

/// A command whose work waits for servers and files: it has a thread of its own, for the cooperative pool must not wait.
protocol BlockingCommand: AsyncParsableCommand, Sendable {
  func work() throws
}

extension BlockingCommand {
  func run() async throws {
    try await BlockingThread.run("command", stackBytes: 4 << 20) { try work() }
  }
}
