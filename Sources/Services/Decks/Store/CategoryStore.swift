import HTTPService
import Postgres
import ServiceContract

/// What decks are about.
struct Category: Sendable {
  let id: Int64
  let slug: String
  let name: String
}

struct CategoryStore: Sendable {
  static let notFound = FailureDeclaration(.notFound, "CATEGORY_NOT_FOUND", "There is no such category.")
  static let slugTaken = FailureDeclaration(.conflict, "SLUG_TAKEN", "Another category has this slug.")
  static let inUse = FailureDeclaration(.conflict, "CATEGORY_IN_USE", "Decks have this category: it cannot go.")
  /// A list that is not paged has an end.
  static let full = FailureDeclaration(.conflict, "TOO_MANY_CATEGORIES", "There are at most \(most) categories.")
  private static let most = 200

  private static let all = PostgresStatement("categories.all", "SELECT id, slug, name FROM categories ORDER BY slug")
  private static let insert = PostgresStatement(
    "categories.insert",
    """
    INSERT INTO categories (slug, name) SELECT $1, $2 WHERE (SELECT count(*) FROM categories) < \(most)
    RETURNING id, slug, name
    """)
  private static let rename = PostgresStatement(
    "categories.rename", "UPDATE categories SET name = $2 WHERE id = $1 RETURNING id, slug, name")
  private static let delete = PostgresStatement("categories.delete", "DELETE FROM categories WHERE id = $1")

  let pool: PostgresPool

  func all(until deadline: ContinuousClock.Instant) async throws -> [Category] {
    var categories: [Category] = []
    for row in try await pool.run(Self.all(), until: deadline) { categories.append(try Category(row)) }
    return categories
  }

  func create(slug: String, name: String, until deadline: ContinuousClock.Instant) async throws -> Category {
    let rows: PostgresRows
    do throws(PostgresError) {
      rows = try await pool.run(Self.insert(.text(slug), .text(name)), until: deadline)
    } catch {
      if error.isUniqueViolation { throw Self.slugTaken.failure() }
      throw error
    }
    guard let row = rows.first else { throw Self.full.failure() }
    return try Category(row)
  }

  func rename(_ id: Int64, to name: String, until deadline: ContinuousClock.Instant) async throws -> Category {
    guard let row = try await pool.run(Self.rename(.int8(id), .text(name)), until: deadline).first else {
      throw Self.notFound.failure()
    }
    return try Category(row)
  }

  func delete(_ id: Int64, until deadline: ContinuousClock.Instant) async throws {
    do throws(PostgresError) {
      let rows = try await pool.run(Self.delete(.int8(id)), until: deadline)
      guard rows.affected == 0 else { return }
    } catch {
      // A deck has it.
      if error.sqlState == "23503" { throw Self.inUse.failure() }
      throw error
    }
    throw Self.notFound.failure()
  }
}

extension Category {
  fileprivate init(_ row: PostgresRow) throws(PostgresError) {
    id = try row.value(0)
    slug = try row.value(1)
    name = try row.value(2)
  }
}
