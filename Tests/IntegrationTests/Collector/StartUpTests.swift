import ClickHouse
import Collector
import Foundation
import RealServers
import Synchronization
import Testing

/// What a collector asks and proves of ClickHouse before its first message, and what it refuses.
@Suite struct StartUpTests {
  private static func refusal(_ bench: CollectorBench) throws -> String {
    let ended = try Kartoteka.run(["collector"], environment: bench.environment)
    #expect(ended.status == 1)
    return ended.errors
  }

  /// Any number at once: none sees another's rows.
  @Test func proofsBesideEachOtherHold() throws {
    let database = try TestDatabase()
    let configuration = database.writer.configuration
    let incarnation = try database.writer.nameRun()
    let broken = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let found: String?
      do {
        found = try DeliveryProof(ClickHouseConnection(configuration), in: incarnation).firstBroken()
      } catch { found = "\(error)" }
      if let found { broken.withLock { $0.append(found) } }
    }
    #expect(broken.withLock { $0 } == [])
    #expect(try database.rows("SELECT uniqExact(proof), count() FROM delivery_proof") == [["4", "10000"]])
  }

  @Test(arguments: [
    ("delivery_proof", "there are 4000 rows in a table"),
    ("delivery_proof_sums", "there are 2000 rows in a table and 4000 behind its view, not 2000 in both"),
  ])
  func aServerThatDoublesIsRefused(forgetful table: String, words: String) throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    _ = try bench.writer.execute("ALTER TABLE \(table) MODIFY SETTING non_replicated_deduplication_window = 0")
    let errors = try Self.refusal(bench)
    #expect(
      errors.contains("does not keep what delivery rests on: after an INSERT repeated under its token"), "\(errors)")
    #expect(errors.contains(words) && errors.contains("ClickHouse 2"), "\(errors)")
  }

  @Test func aViewThatTakesNothingIsRefused() throws {
    let database = try TestDatabase()
    let incarnation = try database.writer.nameRun()
    #expect(try DeliveryProof(database.writer, in: incarnation).firstBroken() == nil)
    try database.admin.execute("DETACH TABLE delivery_proof_view")
    let broken = try DeliveryProof(database.writer, in: incarnation).firstBroken()
    #expect(broken?.contains("2000 rows in a table and 0 behind its view") == true, "\(broken ?? "nothing")")
  }

  @Test func aDetachedViewIsRefusedByName() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    _ = try bench.writer.execute("DETACH TABLE deck_daily_view")
    let errors = try Self.refusal(bench)
    #expect(errors.contains("no view deck_daily_view, or it is detached"), "\(errors)")
  }

  @Test(arguments: [
    ("ranges", "ReplacingMergeTree", "Table ranges is a ReplacingMergeTree"),
    ("events", "ReplacingMergeTree", "Table events is a ReplacingMergeTree"),
    ("dead_letters", "ReplacingMergeTree", "Table dead_letters is a ReplacingMergeTree"),
    ("user_daily", "SummingMergeTree", "Table user_daily is a SummingMergeTree"),
    ("ranges", "MergeTree", "Table ranges keeps no block numbers"),
    // What outlives the server cannot tell that it was started.
    ("recoveries", "MergeTree", "Table recoveries is a MergeTree"),
  ])
  func anotherEngineIsRefusedByName(table: String, engine: String, words: String) throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    _ = try bench.writer.execute("CREATE TABLE other AS \(table) ENGINE = \(engine) ORDER BY tuple()")
    _ = try bench.writer.execute("DROP TABLE \(table)")
    _ = try bench.writer.execute("RENAME TABLE other TO \(table)")
    let errors = try Self.refusal(bench)
    #expect(errors.contains(words), "\(errors)")
  }
}
