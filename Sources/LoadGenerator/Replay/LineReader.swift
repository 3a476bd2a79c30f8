/// Lines of a file, plain or compressed with gzip, each lent until the next is read. Memory: the longest line, at most 8 MiB.
final class LineReader {
  static let longestLine = 8 << 20
  /// Bytes that may be read after a lent line.
  static let padding = 32

  let path: String
  /// Number of the line lent last, from 1.
  private(set) var lineNumber = 0
  private let input: GzipInput
  private var buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// - Parameter path: `-` for standard input.
  init(path: String) throws(RecordingError) {
    self.path = path == "-" ? "standard input" : path
    do throws(GzipInput.Fault) {
      input = try GzipInput(path: path)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    buffer = .allocate(byteCount: (256 << 10) + Self.padding, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// The next line without its end (LF or CR LF); nil after the last.
  func next() throws(RecordingError) -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let newline = UnsafeRawBufferPointer(rebasing: buffer[searched..<end]).firstIndex(of: 0x0A) {
        return lend(to: searched + newline, next: searched + newline + 1)
      }
      searched = end
      if isAtEnd { return start < end ? lend(to: end, next: end) : nil }
      searched -= makeRoom()
      try fill()
    }
  }

  private func lend(to stop: Int, next: Int) -> UnsafeRawBufferPointer {
    lineNumber += 1
    defer { start = next }
    let stop = stop > start && buffer[stop - 1] == 0x0D ? stop - 1 : stop
    return UnsafeRawBufferPointer(rebasing: buffer[start..<stop])
  }

  /// Moves what is left to the front and grows the buffer when that was all of it; returns by how much it moved.
  private func makeRoom() -> Int {
    let moved = start
    let rest = end - start
    if rest + Self.padding + (64 << 10) > buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      buffer.deallocate()
      buffer = larger
    } else if start > 0 {
      buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + start, byteCount: rest)
    }
    start = 0
    end = rest
    return moved
  }

  private func fill() throws(RecordingError) {
    guard end - start <= Self.longestLine else {
      throw .badLine(path: path, line: lineNumber + 1, reason: "is longer than \(Self.longestLine >> 20) MiB")
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end..<(buffer.count - Self.padding)])
    let count: Int
    do throws(GzipInput.Fault) {
      count = try input.read(into: room)
    } catch {
      throw .unreadable(path: path, reason: "after line \(lineNumber): \(error.reason)")
    }
    end += count
    if count == 0 { isAtEnd = true }
  }
}

/// Why a recording cannot be read.
package enum RecordingError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case badLine(path: String, line: Int, reason: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .badLine(let path, let line, let reason):
      "\(path), line \(line): \(reason). Nothing from this line on was sent; --skip-bad leaves such lines out."
    }
  }
}
