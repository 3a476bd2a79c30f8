import Foundation
import RealServers
import Testing

/// A librdkafka that is too old, as a machine may have one, is refused before anything is tried with it.
@Suite struct OldLibraryTests {
  /// The library that is loaded says that it is Debian 12's.
  private static let source = "int rd_kafka_version(void) { return 0x020002ff; }\n"

  @Test(.timeLimit(.minutes(1))) func whoeverUsesKafkaSaysSoAtStart() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "old-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (text, library) = (folder.appending(path: "old.c"), folder.appending(path: "old.so"))
    try Self.source.write(to: text, atomically: false, encoding: .utf8)
    // Swift's toolchain has it.
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library.path, text.path]
    compiler.standardInput = FileHandle.nullDevice
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0, "clang compiles no library")

    let (users, events) = (try PostgresDatabase(), try TestDatabase())
    let environment = [
      "LD_PRELOAD": library.path, "USERS_DATABASE_URL": try users.url(), "CLICKHOUSE_DATABASE": events.name,
      "LOG_FORMAT": "json",
    ]
    #expect(try Kartoteka.run(["users", "migrate"], environment: environment).status == 0, "without Kafka")
    for arguments in [
      ["topics", "plan"], ["collector", "--port", "0"], ["users", "--port", "0"], ["load", "--count", "1"],
    ] {
      let process = try Kartoteka(arguments, environment: environment)
      #expect(process.wait(seconds: 10) == 1, "\(arguments): \(process.errors)")
      #expect(process.errors.contains("librdkafka 2.0.2 is loaded, which is too old"), "\(process.errors)")
    }
  }
}
