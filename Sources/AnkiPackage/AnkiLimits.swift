/// What a package may take of whoever reads it. Whatever it says of itself, no more than this is unpacked.
package struct AnkiLimits: Sendable {
  /// Files in the archive.
  package var entries = 10_000
  /// Bytes of the collection, unpacked.
  package var databaseBytes = 64 << 20
  /// Bytes of the list of its files, unpacked.
  package var mediaMapBytes = 2 << 20
  /// Bytes of one file that a card may have; a larger one is told and not unpacked.
  package var fileBytes = 5 << 20
  /// Bytes of all that is unpacked, together.
  package var totalBytes = 96 << 20
  /// How many times its packed size an entry of more than ``ratioFromBytes`` may have. A collection has some twenty.
  package var ratio = 200
  package var ratioFromBytes = 1 << 20
  package var notes = 10_000
  /// Cards that Anki makes of the notes.
  package var cards = 100_000
  /// The longest text or blob of the collection.
  package var valueBytes = 8 << 20

  package init() {}
}
