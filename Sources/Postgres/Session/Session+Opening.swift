import Blocking
import CLibPQ
import Glibc

extension Session {
  private static var tick: Duration { .milliseconds(50) }

  /// Opens a session, within the configuration's `connectTimeout` and by the deadline.
  static func open(
    _ configuration: PostgresConfiguration, until deadline: ContinuousClock.Instant, cancellation: CancellationFlag?
  ) throws(PostgresError) -> Session {
    let end = min(deadline, .now + configuration.connectTimeout)
    do throws(PostgresError) {
      let addresses = try HostAddresses.of(configuration.host, until: end, cancellation: cancellation)
      return try open(configuration.parameters(addresses: addresses), until: end, cancellation)
    } catch {
      if error == .connection(.timedOut), deadline <= .now { throw .deadlineExceeded }
      throw error
    }
  }

  private static func open(
    _ parameters: [(name: String, value: String)], until end: ContinuousClock.Instant, _ cancellation: CancellationFlag?
  ) throws(PostgresError) -> Session {
    guard let handle = start(parameters) else { preconditionFailure("out of memory") }
    // The server's words would come with our address in front; the code says enough.
    PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    do throws(PostgresError) {
      try establish(handle, until: end, cancellation)
      guard PQserverVersion(handle) >= 150_000 else { throw .connection(.tooOld) }
      guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1, let cancel = PQgetCancel(handle) else {
        throw .connection(.unreachable)
      }
      return Session(handle, cancelRequest: CancelRequest(cancel))
    } catch {
      PQfinish(handle)
      throw error
    }
  }

  private static func start(_ parameters: [(name: String, value: String)]) -> OpaquePointer? {
    let names = parameters.map { strdup($0.name) } + [nil]
    let values = parameters.map { strdup($0.value) } + [nil]
    defer { for text in names + values { free(text) } }
    let constant = { (texts: [UnsafeMutablePointer<CChar>?]) in texts.map { UnsafePointer<CChar>($0) } }
    return PQconnectStartParams(constant(names), constant(values), 0)
  }

  /// Goes through libpq's steps of connecting: connection, encryption, password, parameters.
  private static func establish(
    _ handle: OpaquePointer, until end: ContinuousClock.Instant, _ cancellation: CancellationFlag?
  ) throws(PostgresError) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw .connection(failure(of: handle)) }
    var events = POLLOUT
    while true {
      if cancellation?.isRaised == true { throw .cancelled }
      let left = end - .now
      guard left > .zero else { throw .connection(.timedOut) }
      // libpq may have gone on to another address, with another socket.
      var waited = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      guard poll(&waited, 1, Int32(min(left, tick) / .milliseconds(1)) + 1) > 0 else { continue }
      switch PQconnectPoll(handle) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: events = POLLIN
      case PGRES_POLLING_WRITING: events = POLLOUT
      default: throw .connection(failure(of: handle))
      }
    }
  }

  /// From libpq's words, of which none is passed on.
  private static func failure(of handle: OpaquePointer) -> ConnectionFailure {
    let words = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    for line in words.split(separator: "\n").reversed() {
      // `… failed: FATAL:  28P01`
      let code = line.suffix(5)
      if line.dropLast(5).hasSuffix(":  "), code.utf8.count == 5,
        code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) })
      {
        return .rejected(sqlState: String(code))
      }
    }
    return words.contains(String(cString: strerror(ECONNREFUSED))) ? .refused : .unreachable
  }
}
