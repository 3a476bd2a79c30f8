import Foundation

/// Mended messages, by the letters whose place they take.
package struct Corrections: Sendable {
  package private(set) var values: [LetterCoordinates: [UInt8]] = [:]

  package init() {}

  /// One letter's mended message: the bytes as they are. A single newline at the end, as editors leave it, is dropped.
  package init(_ bytes: [UInt8], for coordinates: LetterCoordinates) {
    values[coordinates] = bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
  }

  private struct Line: Decodable {
    let topic: String
    let partition: Int32
    let offset: Int64
    let value: String
  }

  /// A line a correction: `{"topic": …, "partition": …, "offset": …, "value": "…"}`. Further keys are passed over, so
  /// that what `list --json` prints can be edited; blank lines too.
  /// - Throws: `DeadLetterError.correction` with the number of a line that is none, or a letter given twice.
  package init(lines bytes: [UInt8], of source: String) throws(DeadLetterError) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
      guard let read = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
        throw .correction(
          """
          \(source), line \(index + 1): not a correction. Wanted is a JSON object with "topic", "partition", "offset" \
          and "value", the message's whole text as a string.
          """)
      }
      let coordinates = LetterCoordinates(topic: read.topic, partition: read.partition, offset: read.offset)
      guard values.updateValue(Array(read.value.utf8), forKey: coordinates) == nil else {
        throw .correction("\(source), line \(index + 1): a second correction for \(coordinates).")
      }
    }
  }
}
