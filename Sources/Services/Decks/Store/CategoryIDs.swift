import HTTPService
import Postgres

/// The categories there are.
struct CategoryIDs {
  static let unknown = FailureDeclaration(
    .badRequest, "UNKNOWN_CATEGORY", "There is no such category; the message names those that there are.")

  private var ids: [String: Int64] = [:]
  private var slugs: [String] = []

  /// Of the answer to ``DeckStatements/categories``.
  init(_ rows: PostgresRows) throws(PostgresError) {
    for row in rows {
      let slug = try row.value(1, as: String.self)
      ids[slug] = try row.value(0)
      slugs.append(slug)
    }
  }

  /// - Throws: 400 with the slugs there are.
  func ids(of wanted: [String]) throws(RequestFailure) -> [Int64] {
    let unknown = wanted.filter { ids[$0] == nil }
    guard unknown.isEmpty else {
      throw RequestFailure(
        Self.unknown.status, code: Self.unknown.code,
        message: "There is no category \(unknown.joined(separator: ", ")); there are \(slugs.joined(separator: ", ")).",
        path: "categories")
    }
    return wanted.compactMap { ids[$0] }
  }
}
