import EventSchema

/// Decks and courses: how they are made, changed and deleted.
extension World {
  mutating func createCard(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let card = agent.done
    shelf.add(card: card, to: agent.deck)
    agent.done += 1
    let payload = EventPayload.cardCreated(
      cardID: cardID(card, of: agent.deck), deckID: deckID(agent.deck), createdAtMs: nowMs)
    guard agent.done >= agent.planned else { return (payload, pause(9_000)) }
    shelf.open(deck: agent.deck)
    spawn(Agent(step: .editDeck, deck: agent.deck), within: 0.3)
    if shelf.claim(course: agent.course, author: agent.user) {
      spawn(Agent(step: .createCourse, course: agent.course), within: 0.01)
    } else if shelf.isMade(course: agent.course) {
      spawn(Agent(step: .addCourseDeck, deck: agent.deck, course: agent.course), within: 0.01)
    }
    return (payload, nil)
  }

  /// A course is made, gets the decks that are there and is published; then it is changed now and then.
  mutating func tend(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let course = courseID(agent.course)
    let author = userID(shelf.author(ofCourse: agent.course))
    switch agent.step {
    case .createCourse:
      agent.step = .fillCourse
      shelf.make(course: agent.course)
      let title = shelf.title(ofCourse: agent.course)
      return (.courseCreated(courseID: course, authorID: author, createdAtMs: nowMs, title: title), later(0.002))
    case .fillCourse:
      guard let deck = shelf.unlistedDeck(ofCourse: agent.course) else { return publish(&agent, nowMs) }
      return (list(deck, nowMs), later(0.002))
    case .publishCourse: return publish(&agent, nowMs)
    case .addCourseDeck:
      if shelf.takes(agent.deck) { return (list(agent.deck, nowMs), nil) }
      // Course or deck went meanwhile, or the deck came in with others.
      let title = shelf.title(ofDeck: agent.deck)
      let deckAuthor = userID(shelf.author(ofDeck: agent.deck))
      return (
        .deckUpdated(deckID: deckID(agent.deck), authorID: deckAuthor, changedAtMs: nowMs, title: title), nil
      )
    case .removeCourseDeck: return (removal(agent.deck, nowMs), nil)
    default: return change(&agent, nowMs)
    }
  }

  private mutating func publish(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    agent.step = .tendCourse
    shelf.setPublished(true, course: agent.course)
    let author = userID(shelf.author(ofCourse: agent.course))
    return (.coursePublished(courseID: courseID(agent.course), authorID: author, changedAtMs: nowMs), later(0.3))
  }

  private mutating func change(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let course = courseID(agent.course)
    let author = userID(shelf.author(ofCourse: agent.course))
    let roll = random.unit()
    if roll < 0.05, shelf.mayLoseCourse {
      shelf.delete(course: agent.course)
      return (.courseDeleted(courseID: course, authorID: author, changedAtMs: nowMs), nil)
    }
    if roll < 0.15 {
      agent.step = .publishCourse
      shelf.setPublished(false, course: agent.course)
      return (.courseUnpublished(courseID: course, authorID: author, changedAtMs: nowMs), later(0.05))
    }
    let listed = shelf.listedDecks(ofCourse: agent.course)
    if roll < 0.35, listed.count > 1 {
      // A reorder tells the place of the deck that was moved again.
      let deck = listed[random.below(listed.count)]
      if roll < 0.2 {
        shelf.unlist(deck: deck)
        return (removal(deck, nowMs), later(0.3))
      }
      let place = UInt32(random.below(listed.count))
      return (
        .courseDeckAdded(courseID: course, deckID: deckID(deck), orderIndex: place, changedAtMs: nowMs), later(0.3)
      )
    }
    if random.chance(0.4) { shelf.rename(course: agent.course) }
    let title = shelf.title(ofCourse: agent.course)
    return (.courseUpdated(courseID: course, authorID: author, changedAtMs: nowMs, title: title), later(0.3))
  }

  /// Puts a deck at its course's end.
  private mutating func list(_ deck: Int, _ nowMs: Int64) -> EventPayload {
    let place = shelf.list(deck: deck)
    return .courseDeckAdded(
      courseID: courseID(shelf.course(ofDeck: deck)), deckID: deckID(deck), orderIndex: UInt32(place),
      changedAtMs: nowMs)
  }

  private func removal(_ deck: Int, _ nowMs: Int64) -> EventPayload {
    .courseDeckRemoved(courseID: courseID(shelf.course(ofDeck: deck)), deckID: deckID(deck), changedAtMs: nowMs)
  }

  mutating func edit(_ agent: inout Agent, _ nowMs: Int64) -> (EventPayload, Double?) {
    let deck = deckID(agent.deck)
    let author = userID(shelf.author(ofDeck: agent.deck))
    let card = shelf.card(random.below(Shelf.cardsAtMost), of: agent.deck)
    let roll = random.unit()
    if roll < 0.02, shelf.mayLoseDeck {
      shelf.close(deck: agent.deck)
      let course = shelf.course(ofDeck: agent.deck)
      if shelf.isListed(deck: agent.deck) {
        shelf.unlist(deck: agent.deck)
        spawn(Agent(step: .removeCourseDeck, deck: agent.deck, course: course), within: 0.001)
      }
      return (
        .deckDeleted(deckID: deck, authorID: author, changedAtMs: nowMs, title: shelf.title(ofDeck: agent.deck)), nil
      )
    }
    let payload: EventPayload
    if roll < 0.15, shelf.cardCount(agent.deck) > 5 {
      shelf.remove(card: card, from: agent.deck)
      payload = .cardDeleted(cardID: cardID(card, of: agent.deck), deckID: deck, changedAtMs: nowMs)
    } else if roll < 0.7 {
      payload = .cardUpdated(cardID: cardID(card, of: agent.deck), deckID: deck, changedAtMs: nowMs)
    } else {
      if random.chance(0.3) { shelf.rename(deck: agent.deck) }
      payload = .deckUpdated(
        deckID: deck, authorID: author, changedAtMs: nowMs, title: shelf.title(ofDeck: agent.deck))
    }
    return (payload, later(0.2))
  }
}
