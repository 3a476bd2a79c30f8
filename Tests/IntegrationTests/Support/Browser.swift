import Foundation
import RealServers

/// Headless Chromium.
enum Browser {
  /// The document at an address, scripts having run until it has nothing more to do.
  static func page(_ address: String) async throws -> String {
    let profile = FileManager.default.temporaryDirectory.appending(path: "chromium-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: profile) }
    let arguments = [
      "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--user-data-dir=\(profile)", "--window-size=1280,1400", "--timeout=30000", "--virtual-time-budget=15000",
      "--dump-dom", address,
    ]
    return try await withCheckedThrowingContinuation { continuation in
      // Blocks a thread of its own, not one of the pool that serves the page.
      Thread.detachNewThread {
        continuation.resume(with: Result { try run(arguments) })
      }
    }
  }

  private static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !data.isEmpty else {
      throw Failure("chromium ended with \(process.terminationStatus); scripts/setup --tests installs it")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
