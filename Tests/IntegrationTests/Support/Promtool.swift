import Foundation
import RealServers
import Testing

/// Prometheus's own checker.
enum Promtool {
  /// Runs `promtool` in the repository's root, with a text on its standard input.
  static func run(_ arguments: [String], input: String = "") throws -> Kartoteka.Ended {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    guard
      let program = folders.map({ $0 + "/promtool" }).first(where: FileManager.default.isExecutableFile(atPath:))
    else { throw Failure("promtool is not on PATH: `scripts/setup --tests` installs it (Debian package prometheus)") }
    let folder = FileManager.default.temporaryDirectory.appending(path: "promtool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try Data(input.utf8).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = Kartoteka.root
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Kartoteka.Ended(
      status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
      errors: try String(contentsOf: files[2], encoding: .utf8))
  }

  static func succeeds(_ arguments: [String], input: String = "") throws {
    let ended = try run(arguments, input: input)
    #expect(ended.status == 0, "promtool \(arguments.joined(separator: " ")): \(ended.output)\(ended.errors)")
  }
}
