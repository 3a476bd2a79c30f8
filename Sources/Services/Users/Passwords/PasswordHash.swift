import Foundation

/// An Argon2id hash as a PHC string: `$argon2id$v=19$m=9216,t=4,p=1$SALT$HASH`.
package struct PasswordHash: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// What one hash costs.
  package struct Cost: Sendable, Equatable {
    package let memoryKiB: Int
    package let passes: Int

    package init(memoryKiB: Int, passes: Int) {
      self.memoryKiB = memoryKiB
      self.passes = passes
    }

    /// 9 MiB and 4 passes, one lane: what new hashes have.
    package static let current = Cost(memoryKiB: 9216, passes: 4)
    /// More than this is not computed, whoever wrote it into the database.
    static let limit = Cost(memoryKiB: 1 << 20, passes: 64)
  }

  /// The longest string libsodium reads, its NUL aside.
  static let longestText = 127

  /// To be stored.
  package let phc: String
  package let cost: Cost

  /// Nil unless it is a PHC string of Argon2id, version 19, one lane, of a cost that can be paid.
  package init?(phc: String) {
    let parts = phc.split(separator: "$", omittingEmptySubsequences: false)
    guard phc.utf8.count <= Self.longestText, parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id",
      parts[2] == "v=19",
      let match = parts[3].wholeMatch(of: /m=([0-9]{1,9}),t=([0-9]{1,9}),p=1/),
      let memoryKiB = Int(match.1), let passes = Int(match.2),
      (8...Cost.limit.memoryKiB).contains(memoryKiB), (1...Cost.limit.passes).contains(passes),
      [parts[4], parts[5]].allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9+\/]+/) != nil })
    else { return nil }
    self.phc = phc
    cost = Cost(memoryKiB: memoryKiB, passes: passes)
  }

  /// One that no password has, of today's cost: for users that do not exist.
  package static func unmatchable() -> PasswordHash {
    func base64(_ count: Int) -> String {
      Data(Sodium.randomBytes(count)).base64EncodedString().replacing("=", with: "")
    }
    let phc = "$argon2id$v=19$m=\(Cost.current.memoryKiB),t=\(Cost.current.passes),p=1$\(base64(16))$\(base64(32))"
    guard let hash = PasswordHash(phc: phc) else { preconditionFailure("a hash of another form") }
    return hash
  }

  /// Whether a hash of today costs more: at the next login the password should be hashed anew.
  package var isWeak: Bool { cost.memoryKiB < Cost.current.memoryKiB || cost.passes < Cost.current.passes }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
