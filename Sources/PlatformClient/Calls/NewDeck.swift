import JSON

/// A deck to be made.
package struct NewDeck: Sendable, Equatable {
  package var title: String
  package var description: String
  package var isPrivate: Bool
  /// Slugs.
  package var categories: [String]
  package var tags: [String]

  package init(
    title: String, description: String = "", isPrivate: Bool = false, categories: [String] = [], tags: [String] = []
  ) {
    self.title = title
    self.description = description
    self.isPrivate = isPrivate
    self.categories = categories
    self.tags = tags
  }

  var body: JSONValue {
    .members([
      ("title", .string(title)), ("description", .string(description)),
      ("visibility", .string(isPrivate ? "private" : "public")), ("categories", .strings(categories)),
      ("tags", .strings(tags)),
    ])
  }
}

/// A card to be made.
package struct NewCard: Sendable, Equatable {
  package let front: String
  package let back: String
  /// The `object_key` of an upload.
  package let frontImage: String?
  package let order: Int

  package init(front: String, back: String, frontImage: String? = nil, order: Int) {
    self.front = front
    self.back = back
    self.frontImage = frontImage
    self.order = order
  }

  var body: JSONValue {
    var members: [(String, JSONValue)] = [
      ("front_text", .string(front)), ("back_text", .string(back)), ("order_index", .integer(order)),
    ]
    if let frontImage { members.append(("front_image_url", .string(frontImage))) }
    return .members(members)
  }
}
