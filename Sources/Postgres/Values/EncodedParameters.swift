import CLibPQ

/// The parameters of one call, encoded side by side.
struct EncodedParameters {
  /// More than any service sends, and far below what libpq's lengths hold.
  static let maximumBytes = 64 << 20
  /// The protocol counts parameters in 16 bits.
  static let maximumCount = 65_535

  let types: [Oid]
  private let bytes: [UInt8]
  /// Where each begins; nil is NULL.
  private let starts: [Int?]
  private let lengths: [Int32]

  /// - Parameter statement: for the error's text.
  init(_ values: [PostgresValue], of statement: String) throws(PostgresError) {
    guard values.count <= Self.maximumCount else {
      throw .invalidValue("\(statement) has \(values.count) parameters, of at most \(Self.maximumCount)")
    }
    var writer = BinaryWriter()
    var starts: [Int?] = []
    var lengths: [Int32] = []
    starts.reserveCapacity(values.count)
    lengths.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      let start = writer.bytes.count
      let isPresent: Bool
      do throws(UnsendableValue) {
        isPresent = try writer.write(value)
      } catch {
        throw .invalidValue("parameter $\(index + 1) of \(statement) \(error.reason)")
      }
      guard writer.bytes.count <= Self.maximumBytes else {
        throw .invalidValue("the parameters of \(statement) are longer than \(Self.maximumBytes) bytes")
      }
      starts.append(isPresent ? start : nil)
      lengths.append(Int32(writer.bytes.count - start))
    }
    // An empty value needs an address too.
    bytes = writer.bytes + [0]
    self.starts = starts
    self.lengths = lengths
    types = values.map(\.type.rawValue)
  }

  typealias Values = UnsafePointer<UnsafePointer<CChar>?>
  typealias Numbers = UnsafePointer<Int32>

  /// Lends what libpq takes: count, values, lengths, formats (all binary).
  func withPointers<Result>(_ body: (Int32, Values?, Numbers?, Numbers?) -> Result) -> Result {
    bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
      let values = starts.map { start in start.map { UnsafePointer(base + $0) } }
      let formats = [Int32](repeating: 1, count: starts.count)
      return values.withUnsafeBufferPointer { values in
        lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            body(Int32(starts.count), values.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}
