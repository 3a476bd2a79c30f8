import Foundation

/// What the kernel says of this process, under the names Prometheus clients use.
package enum ProcessMetrics {
  package static func register(in registry: MetricsRegistry) {
    let started = Date().timeIntervalSince1970
    registry.gauges("process_start_time_seconds", help: "Start of the process since the Unix epoch.") {
      [.init(started)]
    }
    registry.counters("process_cpu_seconds_total", help: "User and system CPU time spent.") {
      var usage = rusage()
      guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return [] }
      let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
      let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
      return [.init(Double(seconds) + Double(micros) / 1e6)]
    }
    registry.gauges("process_resident_memory_bytes", help: "Resident memory.") {
      guard let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return [] }
      let pages = statm.split(separator: " ").dropFirst().first.flatMap { Double($0) }
      return pages.map { [.init($0 * Double(sysconf(Int32(_SC_PAGESIZE))))] } ?? []
    }
    registry.gauges("process_open_fds", help: "Open file descriptors.") {
      let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      return open.map { [.init(Double($0.count))] } ?? []
    }
  }
}
