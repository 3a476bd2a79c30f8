import ObjectStore

/// Makes uploads the images of cards: looks at each, copies it to its card, and looks at the copy, since an upload can be
/// written again as long as its URL holds.
struct ImageIntake: Sendable {
  /// Copies under way at once for one request.
  private static let atOnce = 4

  let store: ObjectStore

  /// Copies all, some at a time.
  /// - Throws: ``CardEditRefusal`` with every upload that is no image; else ``ObjectStoreError``. Copies that were made stay,
  ///   and are swept.
  func place(_ images: PlacedImages, until deadline: ContinuousClock.Instant) async throws {
    let refused = try await withThrowingTaskGroup(of: CardEditRefusal.Item?.self) { group in
      var (refused, begun): ([CardEditRefusal.Item], Int) = ([], 0)
      for move in images.moves {
        if begun >= Self.atOnce, let item = try await group.next() ?? nil { refused.append(item) }
        group.addTask { try await place(move, until: deadline) }
        begun += 1
      }
      for try await item in group { if let item { refused.append(item) } }
      return refused
    }
    guard refused.isEmpty else { throw CardEditRefusal(items: refused.sorted { $0.place < $1.place }) }
  }

  private func place(
    _ move: PlacedImages.Move, until deadline: ContinuousClock.Instant
  ) async throws -> CardEditRefusal.Item? {
    do {
      try await look(move.upload.key, move.upload.type, until: deadline)
      do throws(ObjectStoreError) {
        try await store.copy(move.upload.key, to: move.target.text, deadline: deadline)
      } catch {
        if case .notFound = error { throw ImageRefusal.missing }
        throw error
      }
      try await look(move.target.text, move.upload.type, until: deadline)
      return nil
    } catch let refusal as ImageRefusal {
      return .init(move.place, move.side.imageField, .image(refusal))
    }
  }

  private func look(_ key: String, _ type: ImageType, until deadline: ContinuousClock.Instant) async throws {
    let info: ObjectInfo
    do throws(ObjectStoreError) {
      info = try await store.head(key, deadline: deadline)
    } catch {
      if case .notFound = error { throw ImageRefusal.missing }
      throw error
    }
    guard (1...ImageType.largestBytes).contains(info.size) else { throw ImageRefusal.tooLarge(info.size) }
    let beginning = try await store.get(key, range: 0..<ImageType.signatureBytes, deadline: deadline)
    guard info.contentType == type.contentType, ImageType(beginning: beginning.bytes) == type else {
      throw ImageRefusal.otherType(announced: type.contentType)
    }
  }
}
