/// The decks of the demonstration school, from the texts that are part of the binary.
package enum SchoolLibrary {
  package static func decks() throws(DeckTextError) -> [DeckText] {
    let texts: [([UInt8], Language)] = [
      (PackageResources.ru_txt, .russian), (PackageResources.en_txt, .english), (PackageResources.de_txt, .german),
    ]
    var decks: [DeckText] = []
    for (bytes, language) in texts { decks += try DeckText.read(String(decoding: bytes, as: UTF8.self), language) }
    return decks
  }
}
