import CivilTime
import ServiceContract
import Synchronization

enum NoteProblem: Error {
  case notFound
  case unforeseen
}

/// Notes in memory, newest first as a database would give them.
final class NoteStore: Sendable {
  private let notes = Mutex<[Note]>([])

  func add(_ new: NewNote, by owner: Int64, created: Instant? = nil) -> Note {
    notes.withLock { notes in
      let id = Int64(notes.count) + 1
      let note = Note(
        id: id, owner: owner, title: new.title, text: new.text, visibility: new.visibility, labels: new.labels,
        rating: new.rating, created: created ?? Instant(milliseconds: 1_793_491_200_000 + Int(id)))
      notes.append(note)
      return note
    }
  }

  /// What a stranger may not know exists is not found.
  func note(_ id: Int64, for caller: Caller) throws -> Note {
    let found = notes.withLock { $0.first { $0.id == id } }
    guard let found, found.visibility == .everyone || caller.mayChange(whatIsOwnedBy: found.owner) else {
      throw NoteProblem.notFound
    }
    return found
  }

  func change(_ note: Note) -> Note {
    notes.withLock { notes in
      var note = note
      note.version += 1
      if let index = notes.firstIndex(where: { $0.id == note.id }) { notes[index] = note }
      return note
    }
  }

  func list(_ query: NoteQuery, after place: PagePlace?, count: Int, for caller: Caller) -> [Note] {
    let all = notes.withLock { $0 }.sorted { Self.key($0) > Self.key($1) }
    let seen = all.filter { note in
      guard note.visibility == .everyone || note.owner == caller.personID else { return false }
      guard query.owner.map({ $0 == note.owner }) ?? true, query.rating.map({ $0 <= note.rating }) ?? true else {
        return false
      }
      guard let place else { return true }
      return Self.key(note) < (place.position, place.id)
    }
    return Array(seen.prefix(count))
  }

  private static func key(_ note: Note) -> (Int64, Int64) { (Int64(note.created.milliseconds), note.id) }
}
