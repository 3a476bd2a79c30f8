import ArgumentParser
import Foundation

/// Reads a password without showing it.
enum PasswordPrompt {
  /// More than a password may have.
  private static let longestBytes = 4096

  /// From a terminal twice, unseen; else the first line of standard input.
  static func read() throws -> String {
    guard isatty(STDIN_FILENO) == 1 else { return try line() }
    let first = try unseen("Password: ")
    guard try unseen("Once more: ") == first else { throw ValidationError("The two passwords differ.") }
    return first
  }

  private static func unseen(_ prompt: String) throws -> String {
    FileHandle.standardError.write(Data(prompt.utf8))
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      FileHandle.standardError.write(Data("\n".utf8))
    }
    return try line()
  }

  private static func line() throws -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while Foundation.read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      guard bytes.count < longestBytes else { throw ValidationError("The password has no end.") }
      bytes.append(byte)
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ValidationError("The password is not UTF-8.")
    }
    return text
  }
}
