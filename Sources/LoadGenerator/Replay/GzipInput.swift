import CZlib
import Glibc

/// Bytes of a file, plain or compressed with gzip (any number of members), inflated as they are read.
///
/// Stricter than zlib's `gzread`, which takes a file that is cut off, or goes on with something else, for a whole one.
final class GzipInput {
  /// What is wrong with the compressed bytes, and where.
  struct Fault: Error {
    let reason: String
  }

  private enum Form {
    case unknown, plain
    /// Within a member.
    case member
    /// After a member: another, zeros, or the end.
    case between
  }

  private let descriptor: Int32
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
  /// At one address for ever: zlib remembers it.
  private let zlib: UnsafeMutablePointer<z_stream>
  private var stream: z_stream {
    get { zlib.pointee }
    _modify { yield &zlib.pointee }
  }
  private var form = Form.unknown
  private var isAtEnd = false
  /// Bytes of the file before those that wait in `input`.
  private var consumed = 0

  /// - Parameter path: `-` for standard input.
  /// - Throws: `Fault` with what the system says.
  init(path: String) throws(Fault) {
    descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      input.deallocate()
      throw Fault(reason: String(cString: strerror(errno)))
    }
    // 15 bits of window, and 16: gzip's header and check.
    zlib = .allocate(capacity: 1)
    zlib.initialize(to: z_stream())
    inflateInit2_(zlib, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    inflateEnd(zlib)
    zlib.deallocate()
    close(descriptor)
    input.deallocate()
  }

  /// Reads at least one byte into `output`; returns 0 at the end.
  func read(into output: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    while true {
      if stream.avail_in == 0, !isAtEnd { try fill() }
      switch form {
      case .unknown:
        // A first read of one byte tells nothing yet.
        while stream.avail_in == 1, !isAtEnd { try fill() }
        form = isGzip ? .member : .plain
      case .plain:
        let count = min(Int(stream.avail_in), output.count)
        guard count > 0 else { return 0 }
        output.copyMemory(from: UnsafeRawBufferPointer(start: stream.next_in, count: count))
        skip(count)
        return count
      case .member:
        let count = try inflate(into: output)
        if count > 0 { return count }
      case .between:
        while stream.avail_in > 0, stream.next_in[0] == 0 { skip(1) }
        if stream.avail_in == 0 {
          if isAtEnd { return 0 }
          continue
        }
        while stream.avail_in == 1, !isAtEnd { try fill() }
        guard isGzip else {
          throw Fault(reason: "what follows the compressed data, from byte \(consumed) on, is not gzip")
        }
        form = .member
      }
    }
  }

  private var isGzip: Bool { stream.avail_in >= 2 && stream.next_in[0] == 0x1F && stream.next_in[1] == 0x8B }

  private func inflate(into output: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    let before = stream.avail_in
    stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(output.count)
    let code = CZlib.inflate(zlib, Z_NO_FLUSH)
    consumed += Int(before - stream.avail_in)
    let count = output.count - Int(stream.avail_out)
    switch code {
    case Z_OK, Z_BUF_ERROR:
      if count == 0, stream.avail_in == 0, isAtEnd {
        throw Fault(reason: "the compressed data is cut off at byte \(consumed)")
      }
    case Z_STREAM_END:
      inflateReset(zlib)
      form = .between
    default:
      let words = stream.msg.map { String(cString: $0) } ?? "zlib's error \(code)"
      throw Fault(reason: "the compressed data is damaged before byte \(consumed): \(words)")
    }
    return count
  }

  private func skip(_ count: Int) {
    stream.next_in += count
    stream.avail_in -= UInt32(count)
    consumed += count
  }

  /// Reads more behind what waits.
  private func fill() throws(Fault) {
    let waiting = Int(stream.avail_in)
    if waiting > 0 { input.copyMemory(from: UnsafeRawBufferPointer(start: stream.next_in, count: waiting)) }
    var count = -1
    repeat {
      count = Glibc.read(descriptor, input.baseAddress! + waiting, input.count - waiting)
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw Fault(reason: String(cString: strerror(errno))) }
    if count == 0 { isAtEnd = true }
    stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_in = UInt32(waiting + count)
  }
}
