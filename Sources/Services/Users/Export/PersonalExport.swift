import CivilTime
import HTTPService
import NIOCore
import ServiceContract
import Synchronization

/// All that the platform knows of a person, as one document: from this service and from those that know more.
package final class PersonalExport: Sendable {
  /// Exports in memory at once.
  private static let atOnce = 2

  static let underWay = FailureDeclaration(
    .tooManyRequests, "EXPORT_UNDER_WAY", "An export of yours is being put together; wait for it.")
  static let busy = FailureDeclaration(
    .serviceUnavailable, "EXPORTS_BUSY", "Others are having theirs put together at this moment: try again.")

  private let learning: ExportSource
  private let teaching: ExportSource
  private let under = Mutex<Set<Int64>>([])

  package init(decks: ServiceClient, teaching: ServiceClient) {
    learning = ExportSource("decks", decks)
    self.teaching = ExportSource("teaching", teaching)
  }

  /// - Throws: 429 while one of the same person is under way, 503 while ``atOnce`` others are or a service is away, 409 where it
  ///   is too long.
  func document(of account: Account, for context: CallContext) async throws -> ByteBuffer {
    try begin(account.id)
    defer { under.withLock { _ = $0.remove(account.id) } }
    async let learned = learning.export(of: account.id, for: context)
    async let taught = teaching.export(of: account.id, for: context)
    var document = JSONObjectStream()
    document.member("exported_at", Instant(milliseconds: Int(context.now)), as: .moment)
    document.member("profile", account, as: Account.listed)
    document.member("learning", json: try await learned)
    document.member("teaching", json: try await taught)
    return document.end()
  }

  private func begin(_ person: Int64) throws(RequestFailure) {
    let refusal: FailureDeclaration? = under.withLock { under in
      if under.contains(person) { return Self.underWay }
      if under.count >= Self.atOnce { return Self.busy }
      under.insert(person)
      return nil
    }
    if let refusal { throw refusal.failure(headers: [.retryAfter: "5"]) }
  }

  static let schema = ValueSchema.object(
    ObjectSchema(
      "PersonalExport",
      [
        Property("exported_at", .text(TextSchema(rule: .moment))),
        Property("profile", Account.listed.schema),
        Property(
          "learning", .map(.anything("as the decks service documents it")),
          meaning: "settings, decks, answers, results: of the decks service."),
        Property(
          "teaching", .map(.anything("as the teaching service documents it")),
          meaning: "Enrolments with their progress: of the teaching service."),
      ]))
}
