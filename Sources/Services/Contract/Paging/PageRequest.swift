import HTTPService
import HTTPTypes

/// Which page of a list is asked for.
package struct PageRequest: Sendable {
  /// To stand among a list's query fields.
  package static let cursorField = Field(
    optional: "cursor", .text(1...64), "Where the page before ended: its X-Next-Cursor.")
  package static let limitField = Field(
    "limit", .integer(1...100), default: .integer(20), "How many at most.")
  /// To be declared by an operation that answers pages.
  package static let header = HeaderDeclaration(.nextCursor, "Where the next page starts; absent on the last.")
  package static let invalidCursor = FailureDeclaration(
    .badRequest, "INVALID_CURSOR", "This is no cursor of this list: take X-Next-Cursor of the page before, unchanged.")

  /// The row after which the page starts; nil for the first page.
  package let after: PagePlace?
  package let limit: Int
  private let cursor: PageCursor

  /// How many rows to ask the store for: one more tells whether there is a next page.
  package var fetchCount: Int { limit + 1 }

  /// - Parameters:
  ///   - list: the list's name.
  ///   - filters: all that decides which rows it has, in a fixed order; also whose list it is.
  /// - Throws: 400 for a cursor that is not of this list.
  package init(
    cursor text: String?, limit: Int, of list: String, filteredBy filters: [String] = []
  ) throws(RequestFailure) {
    self.limit = limit
    cursor = PageCursor(list: [list] + filters)
    guard let text else {
      after = nil
      return
    }
    guard let place = cursor.place(text) else { throw Self.invalidCursor.failure() }
    after = place
  }

  /// The page of what the store gave for `fetchCount` rows.
  package func page<Row: Sendable>(of rows: [Row], at place: (Row) -> PagePlace) -> Page<Row> {
    let shown = Array(rows.prefix(limit))
    let next = rows.count > limit ? shown.last.map { cursor.text(place($0)) } : nil
    return Page(rows: shown, nextCursor: next)
  }
}

/// One page of a list.
package struct Page<Row: Sendable>: Sendable {
  package let rows: [Row]
  /// Nil on the last.
  package let nextCursor: String?

  /// As the answer has it.
  package var reply: Reply<[Row]> {
    Reply(rows, headers: nextCursor.map { [.nextCursor: $0] } ?? [:])
  }
}
