import Foundation
import Logging
import Settings

package enum LogFormat: String, Sendable, CaseIterable {
  case json, text
}

/// The process's log: level from `LOG_LEVEL` (default `info`), shape from `LOG_FORMAT` (default `text` on a terminal,
/// else `json`), always on standard error.
package enum LogOutput {
  /// Call once, before the first `Logger` is made.
  /// - Throws: `SettingError` when either variable has an unknown value.
  package static func bootstrap(_ settings: Settings) throws(SettingError) {
    let level = Logger.Level(rawValue: try settings[\.logs.level]) ?? .info
    let format = try settings[\.logs.format].flatMap(LogFormat.init) ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
    LoggingSystem.bootstrap { label in
      LogLineHandler(logLevel: level, label: label, format: format, sink: .standardError)
    }
  }

  /// A logger that hands finished lines to `line`, for tests.
  package static func logger(
    label: String, level: Logger.Level = .trace, format: LogFormat = .json,
    line: @escaping @Sendable (String) -> Void
  ) -> Logger {
    Logger(label: label) { label in
      LogLineHandler(logLevel: level, label: label, format: format, sink: LogSink(write: line))
    }
  }
}
