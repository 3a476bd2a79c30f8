import Foundation

/// Where finished log lines go.
struct LogSink: Sendable {
  let write: @Sendable (String) -> Void

  /// One `write(2)` a line, so lines of several threads never mix; a closed standard error is not an error.
  static let standardError = LogSink { line in
    var line = line
    line.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
        if written <= 0 {
          if written < 0, errno == EINTR { continue }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}
