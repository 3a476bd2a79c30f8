import Blocking

/// Makes connections that are ready for commands: found, connected, authenticated, with the database chosen.
final class RedisConnector {
  private let configuration: RedisConfiguration
  /// One that outlasts its caller's deadline goes on, and the next caller waits for it: not one thread more each time.
  private var lookup: HostLookup?

  init(_ configuration: RedisConfiguration) {
    self.configuration = configuration
  }

  /// - Throws: `.connection` unless there is one within the configuration's `connectTimeout`, `.deadlineExceeded` where the
  ///   limit comes first, and what the server says when it refuses user, password or database.
  func connect(_ limit: WaitLimit) throws(RedisError) -> RedisStream {
    let own = limit.earlier(.now + configuration.connectTimeout)
    let refusal: RedisServerError
    do throws(StreamFailure) {
      let stream = try RedisStream(
        StreamSocket(to: addresses(own), own), maximumReplyBytes: configuration.maximumReplyBytes)
      guard let error = try greet(stream, own) else { return stream }
      refusal = error
    } catch .deadlineExceeded where own.deadline < limit.deadline {
      throw .connection("no answer within \(configuration.connectTimeout)")
    } catch {
      throw RedisError(error, sent: false)
    }
    throw .server(refusal)
  }

  private func addresses(_ limit: WaitLimit) throws(StreamFailure) -> [SocketAddress] {
    let lookup = lookup ?? HostLookup(configuration.host, port: configuration.port)
    self.lookup = lookup
    let found = Result { () throws(StreamFailure) in try lookup.addresses(limit) }
    if found != .failure(.deadlineExceeded), found != .failure(.cancelled) { self.lookup = nil }
    return try found.get()
  }

  /// - Returns: the first error reply.
  private func greet(_ stream: RedisStream, _ limit: WaitLimit) throws(StreamFailure) -> RedisServerError? {
    var greeting: [RedisCommand] = []
    if let password = configuration.password {
      let arguments = configuration.user.map { [$0, password] } ?? [password]
      greeting.append(RedisCommand(unchecked: "AUTH", arguments))
    }
    if configuration.database != 0 { greeting.append(RedisCommand(unchecked: "SELECT", [configuration.database])) }
    guard !greeting.isEmpty else { return nil }
    try stream.send(greeting, limit)
    var first: RedisServerError?
    for _ in greeting {
      if case .error(let error) = try stream.nextReply(limit) { first = first ?? error }
    }
    return first
  }
}
