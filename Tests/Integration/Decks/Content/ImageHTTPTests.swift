import Foundation
import HTTPServiceTesting
import JSON
import ObjectStore
import RealServers
import Testing

@Suite struct ImageHTTPTests {
  private func set(
    _ bench: ContentBench, _ deck: Int, _ card: Int, _ image: String, _ side: String = "front"
  ) async throws -> RouterAnswer {
    try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(card)", "{\"\(side)_image_url\": \"\(image)\"}")
  }

  private func shows(_ url: String?, _ bytes: [UInt8]) async throws -> Bool {
    let read = try await PlainRequest.send("GET", try #require(url))
    return read.status == 200 && read.body == bytes
  }

  @Test func anUploadBecomesACardsImage() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let key = try await bench.upload()
    #expect(key.hasPrefix("temp/1/uploads/") && key.hasSuffix(".png"))
    let made = try await bench.ask(
      "POST", "/api/deck/\(deck)/cards", "{\"front_text\": \"\", \"back_text\": \"b\", \"front_image_url\": \"\(key)\"}"
    )
    #expect(made.status == 201, "\(made.text)")
    let card = try #require(made["id"].int)
    #expect(made["front_image_url"].string?.contains("/decks/\(deck)/card/\(card)/images/front.png?") == true)
    #expect(try await shows(made["front_image_url"].string, ContentBench.png))
    #expect(
      try await bench.number(
        "SELECT count(*) FROM cards WHERE front_image_key = 'decks/\(deck)/card/\(card)/images/front.png'") == 1)
    // Read by whoever may read the deck; the same for as long as it is the same.
    let detail = try await bench.ask("GET", "/api/decks/\(deck)/", by: nil)
    let url = detail["cards"].elements?.first?["front_image_url"]
    #expect(url == made["front_image_url"])
    // Sent back as it was read, it is no change.
    _ = try await bench.takeEvents()
    #expect(try await set(bench, deck, card, try #require(url?.string)).status == 200)
    #expect(try await bench.events() == [])
    // The upload goes, and cannot be taken again.
    try await bench.service.sweepImages()
    #expect(try await bench.objects() == ["decks/\(deck)/card/\(card)/images/front.png"])
    let again = try await set(bench, deck, card, key, "back")
    #expect(
      again.code == "CARD_REFUSED"
        && again.details.first?.hasPrefix("back_image_url: is an upload that has not arrived") == true)
    #expect(try await bench.number("SELECT count(*) FROM image_sweep WHERE object_key NOT LIKE '%back.png'") == 0)
  }

  @Test func whatNoCardHasAnyMoreGoes() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let cards = [try await bench.card(in: deck), try await bench.card(in: deck), try await bench.card(in: deck)]
    for card in cards { #expect(try await set(bench, deck, card, try await bench.upload()).status == 200) }
    func image(_ card: Int, _ name: String = "front.png") -> String { "decks/\(deck)/card/\(card)/images/\(name)" }
    // Replaced by one of another type; taken away; deleted with its card; then with its deck.
    let gif = try await bench.upload(Array("GIF89a....".utf8), type: "image/gif", name: "x.GIF")
    #expect(try await set(bench, deck, cards[0], gif).status == 200)
    try await bench.service.sweepImages()
    #expect(try await bench.objects() == [image(cards[0], "front.gif"), image(cards[1]), image(cards[2])].sorted())
    #expect(
      try await bench.ask("PATCH", "/api/deck/\(deck)/cards/\(cards[1])", #"{"front_image_url": null}"#)[
        "front_image_url"] == .null)
    #expect(try await bench.ask("DELETE", "/api/deck/\(deck)/cards/\(cards[2])").status == 204)
    try await bench.service.sweepImages()
    #expect(try await bench.objects() == [image(cards[0], "front.gif")])
    #expect(try await bench.ask("DELETE", "/api/decks/\(deck)/").status == 204)
    #expect(try await bench.objects() != [])
    try await bench.service.sweepImages()
    #expect(try await bench.objects() == [])
    #expect(try await bench.number("SELECT count(*) FROM image_sweep") == 0)
  }

  /// Other bytes in the same place are another picture, which no cache may hide.
  @Test func aReplacedImageHasAnotherURL() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let card = try await bench.card(in: deck)
    let first = try await set(bench, deck, card, try await bench.upload())
    let other = ContentBench.png + [1, 2, 3]
    let second = try await set(bench, deck, card, try await bench.upload(other))
    #expect(first["front_image_url"] != second["front_image_url"])
    #expect(try await shows(second["front_image_url"].string, other))
    try await bench.service.sweepImages()
    #expect(try await shows(second["front_image_url"].string, other))
    #expect(try await bench.takeEvents().filter { $0.hasPrefix("card_updated") }.count == 2)
  }

  /// What a request calls an image leads to no other object and to no other host.
  @Test func onlyOnesOwnUploadsAreTaken() async throws {
    let bench = try await ContentBench()
    let (deck, other) = (try await bench.deck(), try await bench.deck())
    let (card, foreign) = (try await bench.card(in: deck), try await bench.card(in: other))
    #expect(try await set(bench, other, foreign, try await bench.upload()).status == 200)
    let stranger = try await bench.upload(by: 2)
    let own = try await bench.upload()
    try await bench.store.put(ContentBench.png, "secret/a.png", contentType: "image/png")
    let before = try await bench.objects()
    for name in [
      stranger, "decks/\(other)/card/\(foreign)/images/front.png", "secret/a.png", "/\(own)", "\(own)?x", "\(own)#",
      own.replacingOccurrences(of: "temp/1/", with: "temp/1/../1/"), own.uppercased(), "http://169.254.169.254/latest",
      "http://localhost:9002/cards/\(own)", "file:///etc/passwd", "temp/1/uploads/../../secret/a.png", "\(own) ",
      "https://user@evil.example/\(own)", own.replacingOccurrences(of: ".png", with: ".svg"),
    ] {
      let refused = try await set(bench, deck, card, name)
      #expect(refused.status == 400 && refused.code == "CARD_REFUSED", "\(name): \(refused.text)")
    }
    // Not even for a manager: an upload is its owner's.
    let manager = try await bench.ask(
      "PATCH", "/api/deck/\(deck)/cards/\(card)", "{\"front_image_url\": \"\(own)\"}", by: 9, isManager: true)
    #expect(manager.details == ["front_image_url: is an upload of somebody else"])
    #expect(try await bench.objects() == before)
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")["cards"].elements?.first?["front_image_url"] == .null)
  }

  @Test func whatIsNoImageIsRefused() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let card = try await bench.card(in: deck)
    let svg = try await bench.upload(Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8))
    #expect(
      try await set(bench, deck, card, svg).details == ["front_image_url: is not the image/png it was announced as"])
    let gif = try await bench.upload(Array("GIF89a....".utf8), type: "image/jpeg", name: "a.jpg")
    #expect(
      try await set(bench, deck, card, gif).details == ["front_image_url: is not the image/jpeg it was announced as"])
    // Under the right name, with another type: only the store's own keys could do that.
    let other = try await bench.upload()
    try await bench.store.put(ContentBench.png, other, contentType: "text/html")
    #expect(try await set(bench, deck, card, other).code == "CARD_REFUSED")
    try await bench.store.put(ContentBench.png + [UInt8](repeating: 0, count: 5 << 20), other, contentType: "image/png")
    #expect(try await set(bench, deck, card, other).details.first?.contains("has 5242952 bytes") == true)
    try await bench.store.put([], other, contentType: "image/png")
    #expect(try await set(bench, deck, card, other).details.first?.contains("has 0 bytes") == true)
    try await bench.service.sweepImages()
    #expect(try await bench.objects("decks/") == [])
    #expect(try await bench.takeEvents().count == 2)
  }

  @Test(arguments: [
    (#"{"filename": "a.svg", "content_type": "image/svg+xml", "size": 1}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.html", "content_type": "image/png", "size": 1}"#, "VALIDATION_FAILED"),
    (#"{"filename": "png", "content_type": "image/png", "size": 1}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.png.svg", "content_type": "image/png", "size": 1}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.png", "content_type": "image/png", "size": 0}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.png", "content_type": "image/png", "size": 5242881}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.png", "content_type": "image/png\r\nx: y", "size": 1}"#, "VALIDATION_FAILED"),
    (#"{"filename": "a.png", "content_type": "IMAGE/PNG", "size": 1}"#, "VALIDATION_FAILED"),
  ])
  func aWrongUploadIsRefusedBeforeItBegins(_ body: String, _ code: String) async throws {
    let bench = try await ContentBench()
    #expect(try await bench.ask("POST", "/api/deck/uploads/presign", body).code == code)
    #expect(try await bench.ask("POST", "/api/deck/uploads/presign", body, by: nil).code == "UNAUTHENTICATED")
  }

  /// The name of a person's file is nowhere in the key; type and length are signed.
  @Test func theStoreTakesWhatWasAnnouncedOnly() async throws {
    let bench = try await ContentBench()
    let answer = try await bench.ask(
      "POST", "/api/deck/uploads/presign",
      #"{"filename": "../../decks/1/card/1/images/front.jpeg", "content_type": "image/jpeg", "size": 8}"#)
    let key = try #require(answer["object_key"].string)
    #expect(key.wholeMatch(of: /temp\/1\/uploads\/[0-9a-f-]{36}\.jpg/) != nil)
    #expect(answer["headers"].members.map(\.name) == ["content-length", "content-type"])
    let url = try #require(answer["put_url"].string)
    #expect(url.contains("content-length%3Bcontent-type") && url.contains("X-Amz-Expires=3600"))
    let body: [UInt8] = [0xFF, 0xD8, 0xFF, 0, 0, 0, 0, 0]
    #expect(try await PlainRequest.send("PUT", url, headers: ["Content-Type": "text/html"], body: body).status == 403)
    #expect(
      try await PlainRequest.send("PUT", url, headers: ["Content-Type": "image/jpeg"], body: body + [1]).status == 403)
    #expect(try await PlainRequest.send("PUT", url, headers: ["Content-Type": "image/jpeg"], body: body).status == 200)
    #expect(try await PlainRequest.send("GET", url).status == 403)
  }

  @Test func uploadsExpireAfterADay() async throws {
    let bench = try await ContentBench()
    try await bench.store.setExpiry([ObjectExpiry(prefix: "other/", days: 7)])
    try await bench.service.sweepImages()
    try await bench.service.sweepImages()
    let rules = try await bench.store.expiry()
    #expect(Set(rules.map(\.prefix)) == ["other/", "temp/"] && rules.first { $0.prefix == "temp/" }?.days == 1)
  }

  /// A bulk change with one wrong image changes nothing; what was copied for the others goes.
  @Test func imagesOfARefusedBulkChangeAreSwept() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let card = try await bench.card(in: deck)
    let (good, bad) = (try await bench.upload(), try await bench.upload(Array("not an image".utf8)))
    let refused = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards",
      """
      {"cards": [{"front_text": "a", "back_text": "b", "back_image_url": "\(good)"},
      {"id": \(card), "front_image_url": "\(bad)"}]}
      """, headers: ["If-Match": "*"])
    #expect(refused.details == ["cards[1].front_image_url: is not the image/png it was announced as"])
    #expect(try await bench.ask("GET", "/api/decks/\(deck)/")["cards_amount"].int == 1)
    try await bench.sql("UPDATE image_sweep SET due_at = clock_timestamp()")
    try await bench.service.sweepImages()
    #expect(try await bench.objects("decks/") == [])
    // The good one is still there to be used.
    let done = try await bench.ask(
      "PATCH", "/api/deck/decks/\(deck)/cards",
      "{\"cards\": [{\"front_text\": \"a\", \"back_text\": \"b\", \"back_image_url\": \"\(good)\"}]}",
      headers: ["If-Match": "*"])
    #expect(done.status == 200, "\(done.text)")
    #expect(try await shows(done["cards"].elements?.first?["back_image_url"]?.string, ContentBench.png))
  }

  /// What was announced, made, and then needed after all is not swept; and what is being swept is not made anew.
  @Test func aSweeperAndAWriterDoNotMeet() async throws {
    let bench = try await ContentBench()
    let deck = try await bench.deck()
    let card = try await bench.card(in: deck)
    let key = "decks/\(deck)/card/\(card)/images/front.png"
    #expect(try await set(bench, deck, card, try await bench.upload()).status == 200)
    // A row that a request left behind which has failed after its copy: the card has the image all the same.
    try await bench.sql("INSERT INTO image_sweep (object_key, due_at) VALUES ('\(key)', now())")
    try await bench.service.sweepImages()
    #expect(try await bench.objects("decks/") == [key])
    #expect(try await bench.number("SELECT count(*) FROM image_sweep") == 0)
    // A sweeper has taken it, and has not come back yet.
    try await bench.sql(
      "INSERT INTO image_sweep (object_key, due_at, taken_until) VALUES ('\(key)', now(), now() + interval '1 minute')")
    let upload = try await bench.upload()
    let busy = try await set(bench, deck, card, upload)
    #expect(busy.status == 503 && busy.code == "BUSY" && busy[header: "Retry-After"] != nil)
    try await bench.sql("UPDATE image_sweep SET taken_until = now() - interval '1 second'")
    #expect(try await set(bench, deck, card, upload).status == 200)
  }
}
