import Hummingbird

/// A deck as a file: a table that spreadsheets open and an import reads.
package enum DeckExport {
  package enum Format: String, CaseIterable, Sendable {
    case csv, json
  }

  /// UTF-8 with a mark at its beginning, without which spreadsheets take it for something else; every field in quotes; lines
  /// end with CRLF (RFC 4180).
  package static func csv(_ cards: [Card]) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: 64 + cards.count * 64)
    buffer.writeString("\u{FEFF}\"front_text\",\"back_text\",\"order_index\"\r\n")
    for card in cards {
      write(card.frontText, &buffer)
      buffer.writeString(",")
      write(card.backText, &buffer)
      buffer.writeString(",\"\(card.orderIndex)\"\r\n")
    }
    return buffer
  }

  private static func write(_ text: String, _ buffer: inout ByteBuffer) {
    buffer.writeString("\"")
    buffer.writeString(SpreadsheetText.guarded(text).replacing("\"", with: "\"\""))
    buffer.writeString("\"")
  }
}
