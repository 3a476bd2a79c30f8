import Decks
import Foundation
import ObjectStore
import Testing

@Suite struct ImageTests {
  private static let id = "0b6e1f3a-9c1d-4e7b-8a55-2f0c6d7e8f90"

  @Test func anUploadHasOneKey() throws {
    let key = "temp/7/uploads/\(Self.id).png"
    let image = try #require(TemporaryImage(key: key))
    #expect(image.person == 7 && image.type == .png && image.key == key)
  }

  /// What a request calls an image never becomes a key of anything but an upload, however it is written.
  @Test(arguments: [
    "", "temp", "temp/7/uploads/", "temp/7/uploads/x.png", "temp/07/uploads/\(id).png", "temp/-7/uploads/\(id).png",
    "temp/0/uploads/\(id).png", "temp/7/uploads/\(id.uppercased()).png", "temp/7/uploads/\(id).svg",
    "temp/7/uploads/\(id).PNG", "temp/7/uploads/\(id).jpeg", "temp/7/uploads/\(id)", "temp/7/uploads/\(id).png.png",
    "temp/7/uploads/\(id).png/", "/temp/7/uploads/\(id).png", "temp/7/../uploads/\(id).png",
    "temp/7/uploads/../\(id).png", "temp//7/uploads/\(id).png", "temp/7/uploads/\(id).png?x=1",
    "temp/7/uploads/\(id).png#", "temp/7/uploads/%2e%2e.png", "temp/7/other/\(id).png", "Temp/7/uploads/\(id).png",
    "decks/1/card/2/images/front.png", "http://169.254.169.254/temp/7/uploads/\(id).png", "temp/٧/uploads/\(id).png",
    "temp/7/uploads/\(id).png\0", "temp/99999999999999999999/uploads/\(id).png", "temp\\7\\uploads\\\(id).png",
  ])
  func anythingElseIsNoUpload(_ key: String) { #expect(TemporaryImage(key: key) == nil) }

  @Test func aCardsImageHasItsKey() throws {
    let key = CardImageKey(deck: 1, card: 2, side: .back, type: .jpeg)
    #expect(key.text == "decks/1/card/2/images/back.jpg")
    #expect(CardImageKey(key.text) == key)
    for wrong in [
      "decks/1/card/2/images/side.jpg", "decks/01/card/2/images/back.jpg", "decks/1/card/2/images/back.svg", "x",
    ] {
      #expect(CardImageKey(wrong) == nil)
    }
  }

  @Test func theBeginningTellsTheType() {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    #expect(ImageType(beginning: png) == .png)
    #expect(ImageType(beginning: [0xFF, 0xD8, 0xFF, 0xE0]) == .jpeg)
    #expect(ImageType(beginning: Array("RIFF....WEBP".utf8)) == .webp)
    #expect(ImageType(beginning: Array("GIF89a".utf8)) == .gif && ImageType(beginning: Array("GIF87a".utf8)) == .gif)
    for wrong in ["", "RIFF....WAVE", "GIF88a", "<svg xmlns", "<!DOCTYPE h", "%PDF-1.7"] {
      #expect(ImageType(beginning: Array(wrong.utf8)) == nil)
    }
    #expect(ImageType(beginning: Array(png.prefix(7))) == nil)
  }

  private static func urls(at seconds: Int) throws -> ImageURLs {
    let store = try ObjectStore(
      ObjectStoreConfiguration(endpoint: "http://localhost:9", accessKey: "a", secretKey: "b"), bucket: "cards")
    return ImageURLs(store) { seconds }
  }

  private static let image = CardImageKey(deck: 1, card: 2, side: .front, type: .png)

  private static func parameter(_ name: String, _ url: String) -> String {
    url.split(separator: "&").first { $0.hasPrefix("\(name)=") || $0.contains("?\(name)=") }
      .map { String($0.split(separator: "=")[1]) } ?? ""
  }

  /// Read at any time of any day, a URL holds for the next day; and was signed in the past, as stores ask.
  @Test(arguments: [0, 1, 43_199, 43_200, 100_000], [1, 3599, 3600, 7201] as [Int64])
  func aPictureStillShowsTheDayAfter(_ into: Int, _ version: Int64) throws {
    let now = 1_800_000_000 + into
    let urls = try Self.urls(at: now)
    let url = try urls.url(Self.image, version: version, in: urls.currentWindow)
    let formatter = DateFormatter()
    formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.locale = Locale(identifier: "en_US_POSIX")
    let signed = try #require(formatter.date(from: Self.parameter("X-Amz-Date", url))).timeIntervalSince1970
    let expires = try #require(Double(Self.parameter("X-Amz-Expires", url)))
    #expect(signed <= Double(now))
    #expect(signed + expires - Double(now) >= 47 * 3600)
    #expect(expires <= 7 * 86400)
  }

  @Test func withinAWindowAURLStaysAndWithAVersionItChanges() throws {
    let (early, late, next) = (
      try Self.urls(at: 43_200 * 9), try Self.urls(at: 43_200 * 10 - 1), try Self.urls(at: 43_200 * 10)
    )
    func url(_ urls: ImageURLs, _ version: Int64) throws -> String {
      try urls.url(Self.image, version: version, in: urls.currentWindow)
    }
    #expect(try url(early, 1) == url(late, 1))
    #expect(try url(early, 1) == url(early, 1))
    #expect(try url(early, 1) != url(early, 2))
    #expect(try url(early, 1) != url(next, 1))
  }

  @Test func anImageIsKnownByItsKeyAndByItsURL() throws {
    let urls = try Self.urls(at: 43_200 * 9)
    let url = try urls.url(Self.image, version: 1, in: urls.currentWindow)
    for name in [Self.image.text, url, "http://localhost:9/cards/\(Self.image.text)"] {
      #expect(urls.names(name, Self.image), "\(name)")
    }
    for name in [
      "http://localhost:9/cards/\(Self.image.text)x", "http://evil/cards/\(Self.image.text)", "/\(Self.image.text)",
      "decks/1/card/3/images/front.png", "http://localhost:9/cards/\(Self.image.text)/../x",
    ] { #expect(!urls.names(name, Self.image), "\(name)") }
  }
}
