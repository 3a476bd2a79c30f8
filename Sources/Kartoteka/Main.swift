import ArgumentParser
import Foundation

/// Runs the command, and ends the process without the exit handlers of C libraries: a thread that has just ended, of a pool or of
/// librdkafka, may still tidy up after itself in what those free (OpenSSL crashes then).
@main
enum Main {
  static func main() async {
    var status: Int32 = EXIT_SUCCESS
    do {
      var command = try Kartoteka.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      status = Kartoteka.exitCode(for: error).rawValue
      let text = Kartoteka.fullMessage(for: error)
      let output = status == EXIT_SUCCESS ? FileHandle.standardOutput : FileHandle.standardError
      if !text.isEmpty { try? output.write(contentsOf: Data("\(text)\n".utf8)) }
    }
    fflush(nil)
    _exit(status)
  }
}
