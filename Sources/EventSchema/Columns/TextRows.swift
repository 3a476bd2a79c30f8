/// The strings of a String column, of which most rows have none: bytes one after another, and how far the end offsets of the
/// rows are written. Rows without a string cost nothing until the column is read.
struct TextRows: ~Copyable {
  private var arena = ByteArena()
  private var filled = 0

  /// Bytes of all strings.
  var byteCount: Int { arena.count }
  var bytes: UnsafeRawBufferPointer { arena.bytes }

  /// Sets a row's string; the rows between the last one and it have none.
  mutating func append(_ bytes: UnsafeRawPointer, count: Int, row: Int, ends: UnsafeMutableRawPointer) {
    fill(to: row, ends)
    arena.append(bytes, count: count)
    fill(to: row + 1, ends)
  }

  /// Writes the end offsets of the first `rows` rows.
  mutating func fill(to rows: Int, _ ends: UnsafeMutableRawPointer) {
    guard filled < rows else { return }
    let first = ends.assumingMemoryBound(to: UInt32.self) + filled
    first.update(repeating: UInt32(truncatingIfNeeded: arena.count), count: rows - filled)
    filled = rows
  }

  mutating func removeAll() {
    arena.removeAll()
    filled = 0
  }
}
