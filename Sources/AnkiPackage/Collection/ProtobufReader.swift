/// Reads the fields of a Protocol Buffers message, as far as packages have them.
struct ProtobufReader {
  struct Failure: Error, Equatable {
    let message: String
  }

  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Of a fixed width, which nothing here has.
    case fixed
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The next field; nil at the end.
  mutating func next() throws(Failure) -> (field: UInt64, value: Value)? {
    guard position < bytes.endIndex else { return nil }
    let key = try varint()
    guard key >> 3 > 0 else { throw Failure(message: "a field has the number 0") }
    switch key & 7 {
    case 0: return (key >> 3, .number(try varint()))
    case 1: return (key >> 3, try fixed(8))
    case 2:
      let length = try varint()
      guard length <= UInt64(bytes.endIndex - position) else { throw Failure(message: "it breaks off within a field") }
      let start = position
      position += Int(length)
      return (key >> 3, .bytes(bytes[start..<position]))
    case 5: return (key >> 3, try fixed(4))
    default: throw Failure(message: "a field has no known type")
    }
  }

  private mutating func fixed(_ width: Int) throws(Failure) -> Value {
    guard bytes.endIndex - position >= width else { throw Failure(message: "it breaks off within a field") }
    position += width
    return .fixed
  }

  private mutating func varint() throws(Failure) -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while position < bytes.endIndex, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Failure(message: "a number has no end")
  }
}
