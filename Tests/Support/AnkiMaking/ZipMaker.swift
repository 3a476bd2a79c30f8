import CZlib

/// Makes ZIP archives, true ones and ones that lie: every number of a header can be set.
package struct ZipMaker {
  package struct Entry {
    package var name: [UInt8]
    package var packed: [UInt8]
    package var method: UInt16 = 0
    package var size: UInt32
    package var crc: UInt32
    package var flags: UInt16 = 0x0800
    /// Where its header is; nil for where it is put.
    package var offset: UInt32?
    /// As the header before its bytes says it; nil for what the directory says.
    package var localSize: UInt32?

    package init(_ name: String, _ bytes: [UInt8], deflated: Bool = false) {
      self.name = Array(name.utf8)
      size = UInt32(bytes.count)
      crc = UInt32(crc32(0, bytes, UInt32(bytes.count)))
      packed = deflated ? ZipMaker.deflated(bytes) : bytes
      method = deflated ? 8 : 0
    }
  }

  package var entries: [Entry] = []
  /// As the end of the directory says it; nil for what there is.
  package var count: UInt16?

  package init(_ entries: [Entry] = []) { self.entries = entries }

  package mutating func add(_ name: String, _ bytes: [UInt8], deflated: Bool = false) {
    entries.append(Entry(name, bytes, deflated: deflated))
  }

  /// How long the entries are before the directory.
  package var bodyBytes: Int { entries.reduce(0) { $0 + 30 + $1.name.count + $1.packed.count } }

  package var bytes: [UInt8] {
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    for entry in entries {
      let offset = entry.offset ?? UInt32(archive.count)
      if entry.offset == nil {
        archive += Self.little(0x0403_4b50, 4) + Self.fields(entry, size: entry.localSize ?? entry.size)
        archive += entry.name + entry.packed
      }
      directory += Self.little(0x0201_4b50, 4) + Self.little(20, 2) + Self.fields(entry, size: entry.size)
      directory += Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 4)
      directory += Self.little(UInt64(offset), 4) + entry.name
    }
    let start = archive.count
    let number = UInt64(count ?? UInt16(truncatingIfNeeded: entries.count))
    archive += directory + Self.little(0x0605_4b50, 4) + Self.little(0, 4) + Self.little(number, 2)
    archive += Self.little(number, 2) + Self.little(UInt64(directory.count), 4) + Self.little(UInt64(start), 4)
    return archive + Self.little(0, 2)
  }

  private static func fields(_ entry: Entry, size: UInt32) -> [UInt8] {
    little(20, 2) + little(UInt64(entry.flags), 2) + little(UInt64(entry.method), 2) + little(0, 4)
      + little(UInt64(entry.crc), 4) + little(UInt64(entry.packed.count), 4) + little(UInt64(size), 4)
      + little(UInt64(entry.name.count), 2) + little(0, 2)
  }

  package static func little(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
  }

  /// Without a header, as ZIP has it.
  package static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let version = deflateInit2_(
      &stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(version == Z_OK, "zlib refuses to begin")
    defer { deflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    var source = bytes
    let count = source.withUnsafeMutableBufferPointer { input in
      packed.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib does not end")
        return output.count - Int(stream.avail_out)
      }
    }
    return Array(packed.prefix(count))
  }
}
