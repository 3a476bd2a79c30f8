import Blocking
import Decks
import Foundation
import Kafka
import Logging
import RealServers
import ServiceStore
import Telemetry
import Testing

@Suite(.serialized) struct ErasureTests {
  /// A topic and a group of a test's own.
  private final class Bench {
    let content: ContentBench
    let kafka: KafkaConfiguration
    let topic = "test.\(UUID().uuidString.lowercased())"
    let erased = MetricsRegistry().counter("erased", help: "")
    let failed = MetricsRegistry().counter("failed", help: "")
    private let producer: KafkaProducer

    init() async throws {
      content = try await ContentBench()
      kafka = KafkaConfiguration(
        brokers: try #require(
          ProcessInfo.processInfo.environment["KAFKA_BROKERS"], "KAFKA_BROKERS is not set; run `make test`"))
      try KafkaAdmin(kafka).createTopic(topic, partitions: 2, replicationFactor: 1, configuration: [:])
      producer = try KafkaProducer(kafka)
    }

    deinit { try? KafkaAdmin(kafka).deleteTopic(topic) }

    func send(_ text: String, key: String) throws {
      try Array(key.utf8).withUnsafeBytes { key in
        try Array(text.utf8).withUnsafeBytes { value in
          try producer.send(topic: topic, key: key, value: value, token: 0)
        }
      }
      #expect(producer.flush(timeoutMs: 10_000) == 0)
    }

    func erasure(of person: Int) throws {
      try send(
        #"{"event_id":"\#(UUID().uuidString)","event_type":"user_erased","occured_at":"2026-11-01T00:00:00Z","producer":"users-service","payload":{"user_id":\#(person),"erased_at":"2026-11-01T00:00:00Z"}}"#,
        key: "\(person)")
    }

    /// Follows until it is so.
    func follow(until done: @escaping () async throws -> Bool) async throws -> Bool {
      let stop = CancellationFlag()
      let follower = ErasureFollower(
        kafka: kafka, topic: topic, group: topic, signal: OutboxSignal(), erased: erased, failed: failed,
        log: Logger(label: "erasure") { _ in SwiftLogNoOpLogHandler() }
      ) { [database = content.database] in ErasureStore(database, outbox: OutboxWriter()) }
      let thread = BlockingThread("follower") { follower.follow(until: stop) }
      defer {
        stop.raise()
        #expect(thread.join(within: .seconds(20)))
      }
      let end = ContinuousClock.now + .seconds(40)
      while ContinuousClock.now < end {
        if try await done() { return true }
        try await Task.sleep(for: .milliseconds(100))
      }
      return false
    }
  }

  @Test(.timeLimit(.minutes(3))) func anErasedPersonsDecksGoOrLoseTheirName() async throws {
    let bench = try await Bench()
    let content = bench.content
    var privates: [Int] = []
    for _ in 0..<45 { privates.append(try await content.deck(#""visibility": "private""#)) }
    let (open, others) = (try await content.deck(), try await content.deck(#""visibility": "private""#, by: 2))
    let card = try await content.card(in: privates[3])
    let key = try await content.upload()
    #expect(
      try await content.ask("PATCH", "/api/deck/\(privates[3])/cards/\(card)", "{\"back_image_url\": \"\(key)\"}")
        .status
        == 200)
    _ = try await content.takeEvents()
    let tag = try #require(try await content.ask("GET", "/api/decks/\(open)/")[header: "ETag"])
    // Between messages that are something else, or nothing.
    try bench.send("no event", key: "1")
    try bench.send(#"{"event_type":"user_deleted","payload":{"user_id":1}}"#, key: "1")
    try bench.erasure(of: 1)

    let left = "SELECT count(*) FROM decks WHERE owner_id = 1 AND NOT owner_erased"
    #expect(try await bench.follow { try await content.number(left) == 0 })
    #expect(try await content.ask("GET", "/api/decks/", isManager: true).ids().sorted() == [open, others])
    let detail = try await content.ask("GET", "/api/decks/\(open)/", by: nil, headers: ["If-None-Match": tag])
    #expect(detail.status == 200 && detail["owner_deleted"] == .bool(true) && detail["owner_id"].int == 1)
    let events = try await content.takeEvents()
    #expect(events.count == 46 && events.filter { $0.hasPrefix("deck_deleted deck:") }.count == 45)
    #expect(events.contains("card_deleted card:\(card)") && !events.contains { $0.contains("“") })
    try await content.service.sweepImages()
    #expect(try await content.objects() == [])

    // A new member goes on behind it; the same message once more does nothing.
    let before = bench.erased.value
    try bench.erasure(of: 3)
    #expect(try await bench.follow { bench.erased.value > before })
    #expect(bench.erased.value == before + 1)
    try bench.erasure(of: 1)
    #expect(try await bench.follow { bench.erased.value > before + 1 })
    #expect(try await content.events() == [])
    #expect(try await content.ask("GET", "/api/decks/\(others)/", by: 2).status == 200)
  }

  /// The place in the topic moves after the database's commit only.
  @Test(.timeLimit(.minutes(3))) func whatTheDatabaseRefusesIsMetAgain() async throws {
    let bench = try await Bench()
    let content = bench.content
    let deck = try await content.deck(#""visibility": "private""#)
    try await content.sql("ALTER TABLE outbox RENAME TO elsewhere")
    try bench.erasure(of: 1)
    let mended = Task {
      try await Task.sleep(for: .seconds(4))
      try await content.sql("ALTER TABLE elsewhere RENAME TO outbox")
    }
    #expect(try await bench.follow { try await content.number("SELECT count(*) FROM decks") == 0 })
    try await mended.value
    #expect(bench.failed.value > 0)
    #expect(try await content.events().filter { $0 == "deck_deleted deck:\(deck)" }.count == 1)
  }
}
