import CZstd

/// Packs with zstd.
package enum ZstdMaker {
  package static func packed(_ bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
    var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&packed, packed.count, bytes, bytes.count, level)
    precondition(ZSTD_isError(count) == 0, "zstd does not pack")
    return Array(packed.prefix(count))
  }
}
