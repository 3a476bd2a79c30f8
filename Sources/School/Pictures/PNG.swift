import CZlib

extension Canvas {
  /// The picture as a PNG file: truecolour, 8 bits, no filter. Source: RFC 2083.
  var png: [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    Self.append("IHDR", Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0], to: &file)
    var lines: [UInt8] = []
    lines.reserveCapacity(height * (width * 3 + 1))
    for row in 0..<height {
      lines.append(0)
      lines += bytes[row * width * 3..<(row + 1) * width * 3]
    }
    Self.append("IDAT", Self.deflated(lines), to: &file)
    Self.append("IEND", [], to: &file)
    return file
  }

  private static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
    let chunk = Array(type.utf8) + data
    file += bigEndian(UInt32(data.count)) + chunk
    file += bigEndian(
      UInt32(
        truncatingIfNeeded: chunk.withUnsafeBufferPointer { bytes in
          crc32(0, bytes.baseAddress, uInt(bytes.count))
        }))
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var out = [UInt8](repeating: 0, count: Int(length))
    precondition(compress2(&out, &length, bytes, uLong(bytes.count), 9) == Z_OK, "there is room for what is deflated")
    return Array(out[..<Int(length)])
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
  }
}
