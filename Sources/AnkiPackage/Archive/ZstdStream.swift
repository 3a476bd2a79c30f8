import CZstd

/// Unpacks one file of zstd as its pieces come. Its window is bounded, and so is the memory, whatever its frame asks for.
final class ZstdStream {
  /// 8 MiB, which every decoder should know (RFC 8878) and no package of Anki exceeds.
  private static let windowLog: Int32 = 23

  private let stream: OpaquePointer
  private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ZSTD_DStreamOutSize(), alignment: 16)
  private let name: String
  private var isComplete = false

  /// - Parameter name: of the file, for errors.
  init(_ name: String) {
    // As wherever Swift itself finds no memory; a decoder takes some hundred kilobytes.
    guard let stream = ZSTD_createDStream() else { fatalError("there is no memory for a decoder") }
    self.stream = stream
    self.name = name
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLog)
  }

  deinit {
    ZSTD_freeDStream(stream)
    piece.deallocate()
  }

  /// Unpacks the next bytes of the file.
  func feed(
    _ chunk: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(AnkiPackageError) -> Void
  ) throws(AnkiPackageError) {
    var input = ZSTD_inBuffer(src: chunk.baseAddress, size: chunk.count, pos: 0)
    while true {
      let start = input.pos
      var output = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
      let code = ZSTD_decompressStream(stream, &output, &input)
      guard ZSTD_isError(code) == 0 else { throw .damaged(name, String(cString: ZSTD_getErrorName(code))) }
      if output.pos > 0 { try take(UnsafeRawBufferPointer(rebasing: piece[..<output.pos])) }
      // Asked again behind its end it waits for another frame.
      if input.pos > start || output.pos > 0 { isComplete = code == 0 }
      // A full piece may have more behind it, also when all has been read.
      if input.pos == input.size, output.pos < output.size { return }
    }
  }

  /// - Throws: when the file breaks off.
  func finish() throws(AnkiPackageError) {
    guard isComplete else { throw .damaged(name, "it breaks off") }
  }
}
