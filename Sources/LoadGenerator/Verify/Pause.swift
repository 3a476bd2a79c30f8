import Glibc

/// Sleeps this thread.
enum Pause {
  static func sleep(ms: Int) { usleep(UInt32(min(ms, 60_000)) * 1_000) }
}

extension [UInt8] {
  /// Rows of a TabSeparated answer whose values hold no escapes.
  var tabSeparated: [[String]] {
    String(decoding: self, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
