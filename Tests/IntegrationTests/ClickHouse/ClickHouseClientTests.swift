import ClickHouse
import Foundation
import Testing

/// The async client against the real server: streams, cancellation, queries stopped from outside.
@Suite struct ClickHouseClientTests {
  private let client: ClickHouseClient

  init() throws {
    client = ClickHouseClient(try ClickHouseServer.configuration(), connections: 3)
  }

  private func text(_ sql: String, parameters: [String: any ClickHouseParameter] = [:]) async throws -> String {
    String(decoding: try await client.query(sql, parameters: parameters), as: UTF8.self)
  }

  /// Waits until no query of that id runs.
  private func waitUntilGone(_ id: String, seconds: Int = 10) async throws {
    for _ in 0..<seconds * 20 {
      let sql = "SELECT count() FROM system.processes WHERE query_id = {id:String}"
      if try await text(sql, parameters: ["id": id]) == "0\n" { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("query \(id) still runs after \(seconds) s")
  }

  private func waitUntilRunning(_ id: String) async throws {
    for _ in 0..<200 {
      let sql = "SELECT count() FROM system.processes WHERE query_id = {id:String}"
      if try await text(sql, parameters: ["id": id]) == "1\n" { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("query \(id) did not start")
  }

  @Test func manyQueriesShareFewConnections() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          let answer = try await text("SELECT {n:UInt64}", parameters: ["n": number])
          #expect(answer == "\(number)\n")
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func streamsAnAnswerLargerThanItsReadAhead() async throws {
    var bytes = 0
    for try await chunk in client.stream("SELECT number FROM numbers(2000000) FORMAT RowBinary") {
      bytes += chunk.count
    }
    #expect(bytes == 16_000_000)
  }

  @Test func streamEndsWithTheExceptionOfTheServer() async throws {
    var bytes = 0
    do {
      let sql = "SELECT throwIf(number = 3000000, 'deliberate'), number FROM numbers(10000000) FORMAT JSONEachRow"
      for try await chunk in client.stream(sql, settings: ["max_block_size": "1000"]) { bytes += chunk.count }
      Issue.record("no error")
    } catch {
      guard case .server(395, _, let message) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(message.hasPrefix("deliberate"))
    }
    #expect(bytes > 1_000_000)
  }

  @Test func aStreamNotReadToItsEndStopsItsQuery() async throws {
    let id = "stream-\(UInt64.random(in: 0...UInt64.max))"
    for try await _ in client.stream("SELECT number FROM system.numbers FORMAT RowBinary", queryID: id) { break }
    try await waitUntilGone(id)
  }

  @Test func cancellingATaskStopsItsQuery() async throws {
    let id = "cancel-\(UInt64.random(in: 0...UInt64.max))"
    let task = Task { () -> ClickHouseError? in
      do throws(ClickHouseError) {
        try await client.query(
          "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))",
          settings: ["max_threads": "1"], queryID: id)
        return nil
      } catch { return error }
    }
    try await waitUntilRunning(id)
    task.cancel()
    #expect(await task.value == .cancelled)
    try await waitUntilGone(id)
  }

  @Test func anUnprivilegedReaderCanStopItsOwnQuery() async throws {
    let user = "reader_\(UInt64.random(in: 0...UInt64.max))"
    try await client.query("CREATE USER \(user) IDENTIFIED BY 'pw' SETTINGS readonly = 2")
    let reader = ClickHouseClient(
      try ClickHouseServer.configuration(user: user, password: "pw"), connections: 2)
    let id = "reader-\(UInt64.random(in: 0...UInt64.max))"
    let task = Task { () -> ClickHouseError? in
      do throws(ClickHouseError) {
        try await reader.query(
          "SELECT sleepEachRow(1) FROM numbers(60)", settings: ["max_block_size": "1"], queryID: id)
        return nil
      } catch { return error }
    }
    try await waitUntilRunning(id)
    task.cancel()
    #expect(await task.value == .cancelled)
    try await waitUntilGone(id)
    try await client.query("DROP USER \(user)")
  }

  @Test func aQueryKilledByAnotherSaysSo() async throws {
    let id = "killed-\(UInt64.random(in: 0...UInt64.max))"
    let task = Task { () -> ClickHouseError? in
      do throws(ClickHouseError) {
        try await client.query(
          "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))",
          settings: ["max_threads": "1"], queryID: id)
        return nil
      } catch { return error }
    }
    try await waitUntilRunning(id)
    try await client.query("KILL QUERY WHERE query_id = {id:String} ASYNC", parameters: ["id": id])
    guard case .server(394, "QUERY_WAS_CANCELLED", _) = await task.value else {
      Issue.record("\(String(describing: await task.value))")
      return
    }
  }

  @Test func refusedServerSentNothing() async throws {
    let nowhere = ClickHouseClient(try ClickHouseConfiguration(url: "http://127.0.0.1:1"))
    do throws(ClickHouseError) {
      try await nowhere.query("SELECT 1")
      Issue.record("no error")
    } catch {
      guard case .connection = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
