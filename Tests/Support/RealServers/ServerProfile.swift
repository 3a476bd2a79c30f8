import Foundation

/// A set of servers of a test's own, made by the project's script, for tests that kill them.
package struct ServerProfile {
  package let name: String

  package init() { name = "faults-\(UUID().uuidString.prefix(8).lowercased())" }

  /// Starts the named servers (again) with the data they had.
  package func start(_ servers: [String]) throws { try script(["start"] + servers) }

  package func stop() {
    _ = try? script(["stop"])
    _ = try? script(["forget"])
  }

  /// What `scripts/servers env` says of them.
  package func environment() throws -> [String: String] {
    var found: [String: String] = [:]
    for line in try script(["env"]).split(separator: "\n") {
      guard line.hasPrefix("export "), let equals = line.firstIndex(of: "=") else { continue }
      let name = line[line.index(line.startIndex, offsetBy: 7)..<equals]
      found[String(name)] = line[line.index(after: equals)...].trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
    }
    return found
  }

  /// `kill -9` by the pid file.
  package func killNine(_ server: String) throws { kill(try pid(server), SIGKILL) }

  /// Signals a server of several processes: the first, and then its children.
  package func signalAll(_ server: String, _ number: Int32) throws {
    let first = try pid(server)
    // Read before the first can die; one that is stopped starts no more.
    if number == SIGSTOP { kill(first, number) }
    let children = try String(contentsOfFile: "/proc/\(first)/task/\(first)/children", encoding: .utf8)
    kill(first, number)
    for child in children.split(separator: " ") { if let child = pid_t(child) { kill(child, number) } }
  }

  private func pid(_ server: String) throws -> pid_t {
    let file = Kartoteka.root.appending(path: ".platform/\(name)/\(server).pid")
    let text = try String(contentsOf: file, encoding: .utf8)
    guard let pid = pid_t(text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "") else {
      throw Failure("\(file.path) holds no pid: \(text)")
    }
    return pid
  }

  @discardableResult
  private func script(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = Kartoteka.root.appending(path: "scripts/servers")
    process.arguments = Array(arguments.prefix(1)) + ["--profile", name] + arguments.dropFirst()
    // Servers of the test run, named in the environment, are not those of this profile.
    process.environment = ProcessInfo.processInfo.environment.filter {
      !["CLICKHOUSE_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "REDIS_URL"].contains($0.key)
        && !$0.key.hasSuffix("_DATABASE_URL")
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
