import CivilTime
import PlatformClient

/// The school's teachers: one a language, managers of the platform, whose decks these are.
struct Staff {
  private struct Teacher {
    var person: SignedInPerson
    /// This run has made him, so that it knows all that he has done.
    let isNew: Bool
    var caused = ExpectedEvents()
  }

  private static let accounts: [(language: Language, name: String, surname: String, email: String)] = [
    (.russian, "Наталья", "Орлова", "n.orlova@school.example"),
    (.english, "Margaret", "Collins", "m.collins@school.example"),
    (.german, "Thomas", "Brandt", "t.brandt@school.example"),
  ]

  static var emails: [String] { accounts.map(\.email) }

  private let plan: SchoolPlan
  private let caller: PatientCaller
  private let counts: SchoolCounts
  private var teachers: [Language: Teacher] = [:]

  /// Makes the teachers, or finds those of a run that was interrupted.
  init(_ plan: SchoolPlan, _ manager: inout SignedInPerson, _ caller: PatientCaller, _ counts: SchoolCounts)
    throws(PlatformError)
  {
    self.plan = plan
    self.caller = caller
    self.counts = counts
    let time = plan.time(plan.morning(plan.firstDay.adding(days: -7)))
    for (language, name, surname, email) in Self.accounts {
      let account = PersonAccount(
        name: name, surname: surname, email: email, password: plan.password.revealed)
      var isNew = true
      do throws(PlatformError) {
        let person = try caller.send(.addUser(account), as: &manager, time: time)
        _ = try caller.send(.makeManager(person.id), as: &manager, time: time)
      } catch {
        guard error.status == 409 else { throw error }
        isNew = false
      }
      let unknown = caller.unknownOutcomes
      let person = SignedInPerson(
        try caller.send(.login(email: email, password: account.password), time: time))
      var teacher = Teacher(person: person, isNew: isNew)
      teacher.caused.note(EventKey("user_registered", person: person.id))
      let login = EventKey("user_logged_in", person: person.id)
      teacher.caused.add(login)
      for _ in unknown..<caller.unknownOutcomes { teacher.caused.doubt(login) }
      teachers[language] = teacher
    }
  }

  /// The events that all this must have caused; none of somebody whom another run has made.
  var expected: ExpectedEvents {
    teachers.values.filter(\.isNew).reduce(into: ExpectedEvents()) { $0.merge($1.caused) }
  }

  /// Makes the decks of a week, those that are not there yet.
  mutating func makeDecks(_ texts: [DeckText], week: Int) throws(PlatformError) -> [SchoolDeck] {
    var decks: [SchoolDeck] = []
    for (index, text) in texts.enumerated() where text.week == week {
      // One after the other, as somebody makes them.
      let day = plan.firstDay.adding(days: week * 7 - (week == 0 ? 3 : 0))
      let moment = plan.morning(day).adding(milliseconds: index * 600_000)
      decks.append(try makeDeck(text, at: moment))
    }
    return decks
  }

  private mutating func makeDeck(_ text: DeckText, at moment: Instant) throws(PlatformError) -> SchoolDeck {
    guard var teacher = teachers[text.language] else { preconditionFailure("a language has a teacher") }
    defer { teachers[text.language] = teacher }
    let time = plan.time(moment)
    let own = try caller.send(.listDecks(author: teacher.person.id, limit: 100), as: &teacher.person)
    let deck: DeckRecord
    if let found = own.first(where: { $0.title == text.title }) {
      deck = found
    } else {
      deck = try caller.send(.createDeck(text.deck), as: &teacher.person, time: time)
      counts.addDeck()
      teacher.caused.note(EventKey("deck_created", person: teacher.person.id, deck: deck.id))
    }
    let cards: [CardRecord]
    if deck.cardsAmount > 0 {
      cards = try caller.send(.deck(deck.id), as: &teacher.person).cards
    } else {
      let new = try drawn(text, by: &teacher.person)
      cards = try caller.send(.addCards(new, to: deck.id), as: &teacher.person, time: time)
      teacher.caused.noteCards(cards, of: deck.id)
    }
    return SchoolDeck(id: deck.id, language: text.language, week: text.week, cards: cards.map(\.id))
  }

  /// The cards, their pictures uploaded.
  private func drawn(_ text: DeckText, by teacher: inout SignedInPerson) throws(PlatformError) -> [NewCard] {
    var cards: [NewCard] = []
    for (index, card) in text.cards.enumerated() {
      var image: String?
      if let picture = card.picture {
        let png = picture.png
        let upload = try caller.send(.presignPNG("card\(index).png", size: png.count), as: &teacher)
        try caller.put(png, to: upload)
        image = upload.objectKey
        counts.addPicture()
      }
      cards.append(NewCard(front: card.front, back: card.back, frontImage: image, order: index))
    }
    return cards
  }

  /// What teachers do in the middle of the term: one takes over another's deck, one says more of his own.
  mutating func revise(_ decks: [SchoolDeck], at moment: Instant) throws(PlatformError) {
    let time = plan.time(moment)
    if var teacher = teachers[.german], let deck = decks.first(where: { $0.language == .english }) {
      let key = "seed-demo-\(plan.seed)-\(deck.id)"
      let copy = try caller.send(.copyDeck(deck.id, key: key), as: &teacher.person, time: time)
      let cards = try caller.send(.deck(copy.id), as: &teacher.person).cards
      teacher.caused.note(EventKey("deck_created", person: teacher.person.id, deck: copy.id))
      teacher.caused.noteCards(cards, of: copy.id)
      teachers[.german] = teacher
    }
    if var teacher = teachers[.russian], let deck = decks.first(where: { $0.language == .russian }) {
      let words = "Страна на одной стороне, её столица на другой. Контрольная — в последнюю неделю."
      _ = try caller.send(.changeDeck(deck.id, description: words), as: &teacher.person, time: time)
      teacher.caused.note(EventKey("deck_updated", person: teacher.person.id, deck: deck.id))
      teachers[.russian] = teacher
    }
  }
}

extension ExpectedEvents {
  /// A deck's cards were made.
  mutating func noteCards(_ cards: [CardRecord], of deck: Int64) {
    for card in cards { note(EventKey("card_created", deck: deck, card: card.id)) }
  }
}
