import Foundation

/// A set of servers of a test's own, made by the project's script, for tests that kill them.
struct ServerProfile {
  let name: String

  init() { name = "faults-\(UUID().uuidString.prefix(8).lowercased())" }

  /// Starts the named servers (again) with the data they had.
  func start(_ servers: [String]) throws { try script(["start"] + servers) }

  func stop() {
    _ = try? script(["stop"])
    _ = try? script(["forget"])
  }

  /// What `scripts/servers env` says of them.
  func environment() throws -> [String: String] {
    var found: [String: String] = [:]
    for line in try script(["env"]).split(separator: "\n") {
      guard line.hasPrefix("export "), let equals = line.firstIndex(of: "=") else { continue }
      let name = line[line.index(line.startIndex, offsetBy: 7)..<equals]
      found[String(name)] = line[line.index(after: equals)...].trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
    }
    return found
  }

  /// `kill -9` by the pid file.
  func killNine(_ server: String) throws {
    let file = Kartoteka.root.appending(path: ".platform/\(name)/\(server).pid")
    let text = try String(contentsOf: file, encoding: .utf8)
    guard let pid = pid_t(text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "") else {
      throw Failure("\(file.path) holds no pid: \(text)")
    }
    kill(pid, SIGKILL)
  }

  @discardableResult
  private func script(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = Kartoteka.root.appending(path: "scripts/servers")
    process.arguments = Array(arguments.prefix(1)) + ["--profile", name] + arguments.dropFirst()
    // Servers of the test run, named in the environment, are not those of this profile.
    process.environment = ProcessInfo.processInfo.environment.filter {
      !["CLICKHOUSE_URL", "KAFKA_BROKERS", "S3_ENDPOINT"].contains($0.key)
    }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure("scripts/servers \(arguments) ended with \(process.terminationStatus)")
    }
    return String(decoding: output, as: UTF8.self)
  }
}
