import CivilTime
import Foundation
import ObjectStore
import Synchronization

/// The URLs by which images are read, signed when they are asked for.
///
/// Within one half of a day an image has one URL, so that browsers find it in their caches, and an answer that was kept is as
/// good as a new one; the next half is another variant of every answer's `ETag`. Changed, an image has another URL at once.
package final class ImageURLs: Sendable {
  /// In seconds.
  package static let window = 12 * 3600
  /// How long a URL holds at least, read at the end of its window: longer than a picture should still show the day after.
  package static let shortestSeconds = 47 * 3600
  /// By which URLs of different versions differ; the moment of signing is no secret.
  private static let versions: Int64 = 3600
  /// Kept at once; each has about half a kilobyte.
  private static let capacity = 4096

  private struct Kept {
    var window = 0
    var urls: [String: String] = [:]
  }

  private let store: ObjectStore
  private let clock: @Sendable () -> Int
  private let kept = Mutex(Kept())

  /// - Parameter clock: seconds since 1970.
  package init(_ store: ObjectStore, clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }) {
    self.store = store
    self.clock = clock
  }

  /// The number of the window now.
  package var currentWindow: Int { clock() / Self.window }

  /// - Parameter version: of the card.
  package func url(_ image: CardImageKey, version: Int64, in window: Int) throws(ObjectStoreError) -> String {
    let name = "\(version)/\(image.text)"
    if let known = kept.withLock({ $0.window == window ? $0.urls[name] : nil }) { return known }
    let signed = window * Self.window - Int(Self.versions) + Int(version % Self.versions)
    let url = try store.presignedGet(
      image.text, expiresIn: .seconds(Self.window + Int(Self.versions) + Self.shortestSeconds),
      signed: Instant(seconds: signed))
    kept.withLock { kept in
      if kept.window != window || kept.urls.count >= Self.capacity { kept = Kept(window: window) }
      kept.urls[name] = url
    }
    return url
  }

  /// Whether what a request says is the image that is there already: its key, or a URL of it that was read here.
  package func names(_ text: String, _ image: CardImageKey) -> Bool {
    if text == image.text { return true }
    guard let plain = try? store.plainURL(image.text), text.hasPrefix(plain) else { return false }
    return text.utf8.count == plain.utf8.count || text.utf8.dropFirst(plain.utf8.count).first == UInt8(ascii: "?")
  }
}
