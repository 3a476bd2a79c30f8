import Foundation
import HTTPServiceTesting
import ObjectStore
import Postgres
import RealServers
import Testing

/// The servers die under the service.
@Suite(.serialized) struct ContentFaultTests {
  private static let body = #"{"front_text": "f", "back_text": "b"}"#

  @Test(.timeLimit(.minutes(3))) func withoutPostgresEverythingIs503AndComesBack() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-decks"])
    let url = try #require(try profile.environment()["DECKS_DATABASE_URL"])
    let bench = try await ContentBench(try PostgresConfiguration(url: url))
    let deck = try await bench.deck()
    try profile.signalAll("postgres-decks", SIGKILL)
    var seen: Set<String> = []
    for (method, path, body) in [
      ("GET", "/api/decks/", nil), ("GET", "/api/decks/\(deck)/", nil), ("POST", "/api/deck/\(deck)/cards", Self.body),
      ("DELETE", "/api/decks/\(deck)/", nil),
    ] as [(String, String, String?)] {
      let answer = try await bench.ask(method, path, body)
      #expect(answer.status == 503 && answer[header: "Retry-After"] != nil, "\(method) \(path): \(answer.text)")
      seen.insert(answer.code ?? "")
      #expect(!answer.text.contains("127.0.0.1") && !answer.text.contains("local@"))
    }
    #expect(seen == ["DATABASE_UNAVAILABLE"])
    try profile.start(["postgres-decks"])
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")["cards_amount"].int == 0)
    _ = try await bench.card(in: deck)
    #expect(try await bench.events().count == 2)
  }

  /// Words go on without pictures; a picture's card is refused clearly; what should go waits.
  @Test(.timeLimit(.minutes(3))) func withoutTheStoreWordsGoOn() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["s3"])
    let endpoint = try #require(try profile.environment()["S3_ENDPOINT"])
    let bench = try await ContentBench(images: try ObjectStoreServer.configuration(endpoint: endpoint))
    let deck = try await bench.deck()
    let (pictured, plain) = (try await bench.card(in: deck), try await bench.card(in: deck))
    let path = "/api/deck/\(deck)/cards"
    let first = try await bench.upload()
    #expect(try await bench.ask("PATCH", "\(path)/\(pictured)", "{\"front_image_url\": \"\(first)\"}").status == 200)
    try await bench.service.sweepImages()
    let key = "decks/\(deck)/card/\(pictured)/images/front.png"
    let second = try await bench.upload()
    _ = try await bench.takeEvents()
    try profile.signalAll("s3", SIGKILL)

    #expect(try await bench.ask("GET", "/api/decks/\(deck)/").ids(of: "cards").count == 2)
    #expect(try await bench.ask("PATCH", "\(path)/\(plain)", #"{"back_text": "new"}"#).status == 200)
    let refused = try await bench.ask("PATCH", "\(path)/\(plain)", "{\"front_image_url\": \"\(second)\"}")
    #expect(refused.status == 503 && refused.code == "IMAGES_UNAVAILABLE" && refused[header: "Retry-After"] != nil)
    #expect(try await bench.ask("POST", "/api/decks/\(deck)/copy").code == "IMAGES_UNAVAILABLE")
    #expect(try await bench.ask("DELETE", "\(path)/\(pictured)").status == 204)
    await #expect(throws: ObjectStoreError.self) { try await bench.service.sweepImages() }
    #expect(try await bench.takeEvents() == ["card_updated card:\(plain)", "card_deleted card:\(pictured)"])

    try profile.start(["s3"])
    let answer = try await bench.ask("PATCH", "\(path)/\(plain)", "{\"front_image_url\": \"\(second)\"}")
    #expect(answer.status == 200, "\(answer.status) \(answer.text)")
    #expect(try await bench.objects("decks/").contains(key))
    try await bench.sql("UPDATE image_sweep SET due_at = clock_timestamp(), taken_until = NULL")
    try await bench.service.sweepImages()
    #expect(try await bench.objects() == ["decks/\(deck)/card/\(plain)/images/front.png"])
  }

  @Test func aLockedDeckIsBusyForOthers() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let holder = PostgresConnection(bench.database)
    try holder.transaction(until: .now + .seconds(20)) { transaction in
      _ = try transaction.run(PostgresStatement(unprepared: "SELECT id FROM decks WHERE id = \(deck) FOR UPDATE")())
      let answer = BlockedAnswer()
      Task { answer.set(try? await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"title": "x"}"#)) }
      #expect(eventually(within: 8) { answer.isThere })
      #expect(answer.code == "BUSY")
    }
    #expect(try await bench.ask("PATCH", "/api/decks/\(deck)/", #"{"title": "x"}"#).status == 200)
  }
}
