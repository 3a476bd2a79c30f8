import CivilTime
import PlatformClient

/// The school's teachers: one a language, managers of the platform, whose decks these are.
struct Staff {
  private static let accounts: [(language: Language, name: String, surname: String, email: String)] = [
    (.russian, "Наталья", "Орлова", "n.orlova@school.example"),
    (.english, "Margaret", "Collins", "m.collins@school.example"),
    (.german, "Thomas", "Brandt", "t.brandt@school.example"),
  ]

  static var emails: [String] { accounts.map(\.email) }

  private let plan: SchoolPlan
  private let caller: PatientCaller
  private let counts: SchoolCounts
  private var teachers: [Language: SignedInPerson] = [:]

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
      do throws(PlatformError) {
        let person = try caller.send(.addUser(account), as: &manager, time: time)
        _ = try caller.send(.makeManager(person.id), as: &manager, time: time)
      } catch {
        guard error.status == 409 else { throw error }
      }
      let tokens = try caller.send(.login(email: email, password: account.password), time: time)
      teachers[language] = SignedInPerson(tokens)
    }
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
    let own = try caller.send(.listDecks(author: teacher.id, limit: 100), as: &teacher)
    let deck: DeckRecord
    if let found = own.first(where: { $0.title == text.title }) {
      deck = found
    } else {
      deck = try caller.send(.createDeck(text.deck), as: &teacher, time: time)
      counts.addDeck()
    }
    let cards: [CardRecord]
    if deck.cardsAmount > 0 {
      cards = try caller.send(.deck(deck.id), as: &teacher).cards
    } else {
      let new = try drawn(text, by: &teacher)
      cards = try caller.send(.addCards(new, to: deck.id), as: &teacher, time: time)
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
      _ = try caller.send(.copyDeck(deck.id, key: "seed-demo-\(plan.seed)-\(deck.id)"), as: &teacher, time: time)
      teachers[.german] = teacher
    }
    if var teacher = teachers[.russian], let deck = decks.first(where: { $0.language == .russian }) {
      let words = "Страна на одной стороне, её столица на другой. Контрольная — в последнюю неделю."
      _ = try caller.send(.changeDeck(deck.id, description: words), as: &teacher, time: time)
      teachers[.russian] = teacher
    }
  }
}
