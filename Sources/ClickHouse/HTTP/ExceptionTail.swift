import Glibc

/// Lets the bytes of a 200 answer through, but holds back what may be the exception that ClickHouse appends when a
/// query fails after its answer has begun: `__exception__`, CR LF, (newer servers: a tag from the headers, CR LF,) the
/// text. The server then breaks the connection, so a marker in an answer that ends as it should is ordinary data.
package struct ExceptionTail {
  private static let marker: StaticString = "__exception__\r\n"
  /// A marker followed by more than this is data: ClickHouse cuts exception texts at 16 KiB.
  private static let longestException = 64 << 10
  private static let recentLimit = 8 << 10

  /// Empty, or bytes from a marker, or what may be the beginning of one, onwards.
  private var held: [UInt8] = []
  /// The last bytes let through: servers before 24.11 append the text without a marker.
  private var recent: [UInt8] = []

  package init() {}

  /// Takes the next bytes of the answer and passes on what is certainly data.
  package mutating func feed(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) -> Void) {
    if held.isEmpty {
      let keep = Self.heldStart(bytes)
      pass(UnsafeRawBufferPointer(rebasing: bytes[..<keep]), emit)
      held.append(contentsOf: bytes[keep...])
      return
    }
    held.append(contentsOf: bytes)
    var start = 0
    held.withUnsafeBytes { all in
      while true {
        let rest = UnsafeRawBufferPointer(rebasing: all[start...])
        let keep = Self.heldStart(rest)
        pass(UnsafeRawBufferPointer(rebasing: rest[..<keep]), emit)
        start += keep
        guard all.count - start > Self.longestException else { break }
        pass(UnsafeRawBufferPointer(rebasing: all[start..<start + 1]), emit)
        start += 1
      }
    }
    held.removeFirst(start)
  }

  /// Ends the answer. `broken`: the connection ended before the answer did; `tag`: `X-ClickHouse-Exception-Tag`, if
  /// sent. Returns the exception if there is one, else passes on what was held.
  package mutating func finish(broken: Bool, tag: String?, emit: (UnsafeRawBufferPointer) -> Void) -> ClickHouseError? {
    defer {
      held.removeAll(keepingCapacity: true)
      recent.removeAll(keepingCapacity: true)
    }
    let tagged = tag.map { tag in held.dropFirst(Self.marker.utf8CodeUnitCount).starts(with: tag.utf8) } ?? false
    if broken || tagged, let error = ServerException.parse(held) { return error }
    if broken {
      let start = recent.withUnsafeBytes { Self.lastIndex(of: "Code: ", in: $0) }
      if let start, let error = ServerException.parse(recent[start...]) { return error }
      return nil
    }
    held.withUnsafeBytes { if $0.count > 0 { emit($0) } }
    return nil
  }

  private mutating func pass(_ bytes: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void) {
    guard bytes.count > 0 else { return }
    emit(bytes)
    if bytes.count >= Self.recentLimit {
      recent.removeAll(keepingCapacity: true)
      recent.append(contentsOf: bytes.suffix(Self.recentLimit))
    } else {
      recent.removeFirst(max(0, recent.count + bytes.count - Self.recentLimit))
      recent.append(contentsOf: bytes)
    }
  }

  /// Where a marker begins, or what may become one at the end; the count if neither.
  private static func heldStart(_ bytes: UnsafeRawBufferPointer) -> Int {
    let length = marker.utf8CodeUnitCount
    guard let base = bytes.baseAddress else { return 0 }
    // The carriage return is the marker's rarest byte.
    var from = base
    while let found = memchr(from, 0x0d, base + bytes.count - from) {
      let start = UnsafeRawPointer(found) - (length - 2)
      if start >= base, start + length <= base + bytes.count, memcmp(start, marker.utf8Start, length) == 0 {
        return start - base
      }
      from = UnsafeRawPointer(found) + 1
    }
    var size = min(length - 1, bytes.count)
    while size > 0, memcmp(base + bytes.count - size, marker.utf8Start, size) != 0 { size -= 1 }
    return bytes.count - size
  }

  private static func lastIndex(of needle: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let length = needle.utf8CodeUnitCount
    var index = bytes.count - length
    while index >= 0 {
      if memcmp(base + index, needle.utf8Start, length) == 0 { return index }
      index -= 1
    }
    return nil
  }
}
