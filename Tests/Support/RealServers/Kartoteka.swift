import Foundation
import Synchronization

/// The real executable as a process that a test starts, kills and listens to.
package final class Kartoteka: Sendable {
  package struct Ended: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String

    package init(status: Int32, output: String, errors: String) {
      self.status = status
      self.output = output
      self.errors = errors
    }
  }

  private let pid: pid_t
  private let ended = Mutex<Int32?>(nil)
  private let outputFile: URL
  private let errorFile: URL

  /// The repository's root.
  package static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// Starts `kartoteka` with these arguments.
  /// - Parameters:
  ///   - environment: lies over the test's own.
  ///   - input: what it reads.
  package init(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws {
    let executable = Self.root.appending(path: ".build/release/kartoteka").path
    guard FileManager.default.isExecutableFile(atPath: executable) else {
      throw Failure("\(executable) is not built: run `make test`")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "kartoteka-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    outputFile = folder.appending(path: "out")
    errorFile = folder.appending(path: "err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let inputFile = folder.appending(path: "in")
    try input?.write(to: inputFile, atomically: false, encoding: .utf8)
    posix_spawn_file_actions_addopen(&actions, 0, input == nil ? "/dev/null" : inputFile.path, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputFile.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorFile.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let merged = ProcessInfo.processInfo.environment.merging(environment) { _, ours in ours }
    var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, executable, &actions, nil, &argv, &envp)
    guard code == 0 else { throw Failure("cannot start \(executable): \(String(cString: strerror(code)))") }
    pid = child
  }

  deinit {
    if isRunning { kill(pid, SIGKILL) }
    _ = wait()
    try? FileManager.default.removeItem(at: outputFile.deletingLastPathComponent())
  }

  package func signal(_ number: Int32) { if isRunning { kill(pid, number) } }

  package var isRunning: Bool { poll(options: WNOHANG) == nil }

  /// Waits for the end; 128 + n after signal n.
  @discardableResult
  package func wait() -> Int32 { poll(options: 0)! }

  /// Waits at most so long for the end.
  package func wait(seconds: Double) -> Int32? {
    let deadline = Date().addingTimeInterval(seconds)
    while isRunning, Date() < deadline { usleep(20_000) }
    return poll(options: WNOHANG)
  }

  package var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
  package var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

  private func poll(options: Int32) -> Int32? {
    ended.withLock { ended in
      if let ended { return ended }
      var status: Int32 = 0
      guard waitpid(pid, &status, options) == pid else { return nil }
      ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      return ended
    }
  }

  /// Runs to the end.
  package static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) throws -> Ended {
    let process = try Kartoteka(arguments, environment: environment, input: input)
    let status = process.wait()
    return Ended(status: status, output: process.output, errors: process.errors)
  }
}

/// Something a test needs is not there.
package struct Failure: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// Tries until it is so; false when `seconds` are over.
package func eventually(within seconds: Double, every interval: Double = 0.1, _ condition: () throws -> Bool) rethrows
  -> Bool
{
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if try condition() { return true }
    usleep(UInt32(interval * 1_000_000))
  }
  return try condition()
}
