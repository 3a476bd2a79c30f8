import JSON

/// Which entry of the archive has which file: `media`, as JSON or, in newer packages, as a `MediaEntries` message.
struct MediaMap {
  private var entries: [String: String] = [:]

  /// None.
  init() {}

  init(json bytes: [UInt8]) throws(AnkiPackageError) {
    let json: JSONValue
    do throws(JSONParser.Failure) { json = try JSONParser.parse(bytes, maximumDepth: 2) } catch {
      throw .malformedMediaMap(error.message)
    }
    guard case .object(let members) = json else { throw .malformedMediaMap("it is no object") }
    for member in members {
      guard case .string(let name) = member.value else { throw .malformedMediaMap("a name is no text") }
      try add(name, member.name)
    }
  }

  init(protobuf bytes: [UInt8]) throws(AnkiPackageError) {
    do {
      var reader = ProtobufReader(bytes[...])
      var count = 0
      while let (field, value) = try reader.next() {
        guard field == 1, case .bytes(let entry) = value else { continue }
        try add(Self.name(entry), String(count))
        count += 1
      }
    } catch let failure as ProtobufReader.Failure {
      throw .malformedMediaMap(failure.message)
    } catch let error as AnkiPackageError {
      throw error
    } catch { throw .malformedMediaMap("it cannot be read") }
  }

  /// The entry that has a file; names that Unicode takes for equal are.
  subscript(_ name: String) -> String? { entries[name] }

  private static func name(_ entry: ArraySlice<UInt8>) throws -> String {
    var reader = ProtobufReader(entry)
    var name = ""
    while let (field, value) = try reader.next() {
      guard field == 1, case .bytes(let bytes) = value else { continue }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw AnkiPackageError.malformedMediaMap("a name is not UTF-8")
      }
      name = text
    }
    return name
  }

  private mutating func add(_ name: String, _ entry: String) throws(AnkiPackageError) {
    guard ZipArchive.isSafe(name) else { throw .unsafeName(ForeignText.shown(name)) }
    if entries[name] == nil { entries[name] = entry }
  }
}
