/// A compressed frame, as in ClickHouse's `CompressedWriteBuffer`: 16 bytes CityHash128 of all that follows, 1 byte
/// method, 4 bytes size of method, sizes and payload together, 4 bytes size once decompressed, payload. Little-endian.
package enum CompressedFrame {
  static let checksumSize = 16
  static let headerSize = 9
  static let methodNone: UInt8 = 0x02
  static let methodLZ4: UInt8 = 0x82
  /// The most plain bytes in a frame we write, as the server does.
  package static let payloadLimit = 1 << 20
  /// The largest frame we read, either way. Servers write 1 MiB by default; more only if told to.
  package static let acceptedSize = 64 << 20
}
