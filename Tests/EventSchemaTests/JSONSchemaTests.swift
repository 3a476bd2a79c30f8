import EventSchema
import Testing

@Suite struct JSONSchemaTests {
  private func member(_ value: ReferenceJSON?, _ key: String) -> ReferenceJSON? {
    guard case .object(let members)? = value else { return nil }
    return members.first { $0.key == Array(key.utf8) }?.value
  }

  private func strings(_ value: ReferenceJSON?) -> [String] {
    guard case .array(let values)? = value else { return [] }
    return values.compactMap { if case .string(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
  }

  private func keys(_ value: ReferenceJSON?) -> [String] {
    guard case .object(let members)? = value else { return [] }
    return members.map { String(decoding: $0.key, as: UTF8.self) }
  }

  @Test func describesTheWholeCatalogue() throws {
    let text = JSONSchema.document()
    #expect(text.hasSuffix("}\n"))
    let schema = try ReferenceReader.read(Array(text.utf8))
    let catalogue = Catalogue.v1
    #expect(keys(member(schema, "properties")) == catalogue.envelope.map(\.name))
    #expect(strings(member(schema, "required")) == catalogue.envelope.filter(\.isRequired).map(\.name))
    let definitions = member(schema, "$defs")
    #expect(keys(definitions) == EventType.allCases.map(\.name))
    for event in catalogue.events {
      let payload = member(member(member(definitions, event.type.name), "properties"), "payload")
      #expect(keys(member(payload, "properties")) == event.payload.map(\.name))
      #expect(strings(member(payload, "required")) == event.payload.filter(\.isRequired).map(\.name))
    }
    guard case .array(let references)? = member(schema, "oneOf") else {
      Issue.record("oneOf is missing")
      return
    }
    #expect(references.count == EventType.allCases.count)
  }

  @Test func boundsAreThoseOfTheContract() {
    let text = JSONSchema.document()
    #expect(text.contains(#""maximum": 18446744073709551615"#))
    #expect(text.contains(#""maximum": 100.0"#))
    #expect(text.contains(#""maxLength": 200"#))
    #expect(text.contains(#""pattern": "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$""#))
    #expect(text.contains("https://json-schema.org/draft/2020-12/schema"))
    #expect(!text.contains("occurred_at"))
  }
}
