import CLibPQ

extension Session {
  /// Sends a batch in one go: what is not prepared yet is prepared on the way.
  /// - Parameters:
  ///   - isolation: begins a transaction in front of the batch.
  ///   - timeLimit: how long the server may take for each statement from now on; nil leaves it. Not within a transaction,
  ///     whose end might take it back.
  func send(
    _ calls: [PostgresCall], beginning isolation: PostgresIsolation? = nil, timeLimit: Duration? = nil
  ) throws(PostgresError) {
    precondition(exchange == nil, "one exchange at a time")
    var parameters: [EncodedParameters] = []
    for call in calls {
      let name = call.statement.name.isEmpty ? "the statement" : call.statement.name
      guard !call.statement.sql.utf8.contains(0) else { throw .invalidValue("the SQL of \(name) contains a NUL") }
      parameters.append(try EncodedParameters(call.values, of: name))
    }
    var steps: [Exchange.Step] = []
    var sent = true
    if let limit = timeLimit.map(Self.timeLimitMs), limit != timeLimitMs {
      sent = sent && send("SET statement_timeout = \(limit)") && PQpipelineSync(handle) == 1
      steps += [.timeLimit(limit), .sync]
    }
    if let isolation {
      sent = sent && send("BEGIN ISOLATION LEVEL \(isolation.rawValue)")
      steps.append(.begin)
    }
    // Prepared on the way, by this very batch.
    var fresh: [String: StatementCache.Entry] = [:]
    for (index, (call, parameters)) in zip(calls, parameters).enumerated() where sent {
      sent = send(call.statement, parameters, index, &fresh, &steps)
    }
    sent = sent && PQpipelineSync(handle) == 1
    steps.append(.sync)
    guard sent else {
      isBroken = true
      throw .interrupted(sqlState: nil)
    }
    exchange = Exchange(steps: steps, names: calls.map(\.statement.name))
  }

  /// What the server is told: the next power of two, so that it need not be told anew for each request. The exact end is
  /// a cancellation's affair; this one holds even if we are gone.
  private static func timeLimitMs(_ limit: Duration) -> Int {
    // Not so short that the statement that changes it again would not be in time.
    let milliseconds = Int(min(max(limit, .milliseconds(256)), .seconds(1 << 20)) / .milliseconds(1))
    return 1 << (Int.bitWidth - (milliseconds - 1).leadingZeroBitCount)
  }

  private func send(_ sql: String) -> Bool { PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1) == 1 }

  private func send(_ sql: String, _ parameters: EncodedParameters) -> Bool {
    parameters.withPointers { count, values, lengths, formats in
      PQsendQueryParams(handle, sql, count, parameters.types, values, lengths, formats, 1)
    } == 1
  }

  private func send(_ entry: StatementCache.Entry, _ parameters: EncodedParameters) -> Bool {
    parameters.withPointers { count, values, lengths, formats in
      PQsendQueryPrepared(handle, entry.serverName, count, values, lengths, formats, 1)
    } == 1
  }

  private func send(
    _ statement: PostgresStatement, _ parameters: EncodedParameters, _ index: Int,
    _ fresh: inout [String: StatementCache.Entry], _ steps: inout [Exchange.Step]
  ) -> Bool {
    defer { steps.append(.call(index)) }
    guard !statement.name.isEmpty else { return send(statement.sql, parameters) }
    if let known = fresh[statement.name] ?? statements.entry(of: statement), known.fits(statement, parameters.types) {
      return send(known, parameters)
    }
    let entry = statements.make(statement, parameters.types)
    fresh[statement.name] = entry
    steps.append(.prepare(entry, name: statement.name, call: index))
    return PQsendPrepare(handle, entry.serverName, entry.sql, Int32(entry.types.count), entry.types) == 1
      && send(entry, parameters)
  }
}
