import Foundation
import HTTPService

/// A file of cards, read: which columns it has, and every row that could become a card.
package struct ImportTable: Sendable {
  package static let mostRows = 10_000

  package struct Row: Sendable, Equatable {
    /// As a spreadsheet numbers it.
    package let number: Int
    package let front: String
    package let back: String
    /// Nil where the file has no such column.
    package let orderIndex: Int?
    package var frontPicture: ImportPicture?
    package var backPicture: ImportPicture?

    package init(
      number: Int, front: String, back: String, orderIndex: Int? = nil, frontPicture: ImportPicture? = nil,
      backPicture: ImportPicture? = nil
    ) {
      self.number = number
      self.front = front
      self.back = back
      self.orderIndex = orderIndex
      self.frontPicture = frontPicture
      self.backPicture = backPicture
    }
  }

  /// What keeps a file from being read, with the rows at which it does.
  package struct Refusal: Error {
    package let problems: [Problem]
  }

  private struct Columns {
    var front = 0
    var back = 1
    var order: Int?

    /// Of a row of names; nil if it names not both sides.
    init?(header: [String]) {
      let names = header.map { $0.trimmingCharacters(in: .whitespacesAndNewlines).lowercased() }
      guard let front = names.firstIndex(where: Self.frontNames.contains),
        let back = names.firstIndex(where: Self.backNames.contains)
      else { return nil }
      (self.front, self.back) = (front, back)
      order = names.firstIndex(of: "order_index")
    }

    init() {}

    static let frontNames: Set<String> = [
      "front_text", "front", "question", "term", "word", "вопрос", "термин", "слово", "лицевая сторона",
    ]
    static let backNames: Set<String> = [
      "back_text", "back", "answer", "definition", "translation", "ответ", "определение", "перевод", "обратная сторона",
    ]
  }

  package let delimiter: Delimiter
  package let hasHeader: Bool
  package let rows: [Row]

  /// - Throws: ``Refusal`` with the first rows that are wrong.
  package init(_ file: [UInt8]) throws(Refusal) {
    let (bytes, named) = try Self.text(file)
    guard let delimiter = named ?? Delimiter.detected(in: bytes) else {
      // Its first failure says more, if it has one.
      var reader = TableReader(bytes, .comma)
      do throws(TableReader.Failure) { while try reader.next() != nil {} } catch { throw Self.refusal(error) }
      throw Refusal(
        problems: [Problem("", "has no rows of two fields or more with a comma, a semicolon or a tab between them")])
    }
    self.delimiter = delimiter
    var reader = TableReader(bytes, delimiter)
    var (rows, problems): ([Row], Problems) = ([], Problems())
    var columns: Columns?
    var (count, hasHeader) = (0, false)
    do throws(TableReader.Failure) {
      while let record = try reader.next() {
        // Spreadsheets write cells that were never filled, in rows and in columns.
        if record.fields.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { continue }
        if columns == nil {
          let named = Columns(header: record.fields)
          (columns, hasHeader) = (named ?? Columns(), named != nil)
          if hasHeader { continue }
        }
        count += 1
        guard count <= Self.mostRows else {
          throw TableReader.Failure(
            row: record.row, message: "is one more than the \(Self.mostRows) that one import may have")
        }
        if let row = Self.row(record, columns ?? Columns(), &problems) { rows.append(row) }
      }
    } catch { throw Self.refusal(error) }
    guard problems.isEmpty else { throw Refusal(problems: problems.found) }
    guard !rows.isEmpty else { throw Refusal(problems: [Problem("", "has no rows but its header")]) }
    (self.rows, self.hasHeader) = (rows, hasHeader)
  }

  private static func text(_ file: [UInt8]) throws(Refusal) -> (bytes: [UInt8], Delimiter?) {
    do throws(SpreadsheetFile.Failure) { return try SpreadsheetFile.read(file) } catch {
      throw Refusal(problems: [Problem("", error.message)])
    }
  }

  private static func row(_ record: TableReader.Record, _ columns: Columns, _ problems: inout Problems) -> Row? {
    let fields = record.fields
    var messages: [String] = []
    func text(_ column: Int, _ side: String) -> String {
      guard column < fields.count else {
        messages.append("has \(fields.count) fields, and its \(side) should be the \(column + 1). one")
        return ""
      }
      let text = SpreadsheetText.unguarded(fields[column].trimmingCharacters(in: .whitespacesAndNewlines))
      let length = text.unicodeScalars.count
      if length == 0 { messages.append("has an empty \(side)") }
      if length > DeckLimits.cardTextLength.upperBound {
        messages.append(
          "has a \(side) of \(length) characters, at most \(DeckLimits.cardTextLength.upperBound) are kept")
      }
      if text.unicodeScalars.contains("\0") { messages.append("has U+0000 in its \(side)") }
      return text
    }
    let (front, back) = (text(columns.front, "front"), text(columns.back, "back"))
    var order: Int?
    if let column = columns.order, column < fields.count, !fields[column].isEmpty {
      order = Int(fields[column]).flatMap { DeckLimits.orderIndex.contains($0) ? $0 : nil }
      if order == nil {
        messages.append(
          "has an order_index that is no whole number from \(DeckLimits.orderIndex.lowerBound) to \(DeckLimits.orderIndex.upperBound)"
        )
      }
    }
    for message in messages { problems.add(message, at: "rows[\(record.row)]") }
    return messages.isEmpty ? Row(number: record.row, front: front, back: back, orderIndex: order) : nil
  }

  private static func refusal(_ failure: TableReader.Failure) -> Refusal {
    Refusal(problems: [Problem("rows[\(failure.row)]", failure.message)])
  }
}
