import ArgumentParser
import Auth
import CivilTime
import Foundation
import Settings

/// `kartoteka auth keys`.
struct AuthKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "The keys that sign tokens.",
    discussion: """
      They are in the file that AUTH_KEYS_FILE names, which every instance of the service reads and looks into twice a \
      minute. A new key is published at once and signs eleven minutes later; the one before it is published until its last \
      token has expired, five days on. Nobody is logged out.

      Exit status: 0 when it is done, 1 when not.
      """,
    subcommands: [New.self, Rotate.self, List.self], defaultSubcommand: List.self)

  struct New: BlockingCommand {
    static let configuration = CommandConfiguration(
      commandName: "new", abstract: "Make the file, with a first key that signs at once.")

    func work() throws {
      let ring = try AuthKeys.first()
      try AuthKeys.file().create(ring)
      AuthKeys.show(ring)
    }
  }

  struct Rotate: BlockingCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate", abstract: "Add a key, whose turn comes; leave out those of which no token is good.")

    func work() throws {
      let file = try AuthKeys.file()
      let ring = try file.read().rotated(at: AuthKeys.now)
      try file.replace(with: ring)
      AuthKeys.show(ring)
    }
  }

  struct List: BlockingCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show each key's id, since when it signs, and what it is good for now.")

    func work() throws { AuthKeys.show(try AuthKeys.file().read()) }
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

  static func first() throws -> KeyRing { try KeyRing([SigningKey(signsFrom: now)]) }

  private static func file() throws -> KeyFile { KeyFile(path: try Settings()[\.auth.keysFile]) }

  private static func show(_ ring: KeyRing) {
    func text(_ seconds: Int64) -> String { Instant(seconds: Int(seconds)).isoText }
    for key in ring.keys {
      let state =
        switch ring.state(of: key, at: now) {
        case .waiting: "waits"
        case .signing: "signs"
        case .retired(let until): "published until \(text(until))"
        case .over: "over"
        }
      print("\(key.id)  from \(text(key.signsFrom))  \(state)")
    }
  }
}
