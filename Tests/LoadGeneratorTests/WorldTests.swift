import EventSchema
import LoadGenerator
import Testing

/// The generated world keeps its promises, whatever the seed.
struct WorldTests {
  private static let dayMs: Int64 = 86_400_000
  private static let endMs: Int64 = 1_763_800_000_000

  private func events(seed: UInt64 = 7, count: Int = 60_000, days: Int64 = 30, users: Int = 3_000) -> [Event] {
    var configuration = WorldConfiguration(
      seed: seed, events: count, startMs: Self.endMs - days * Self.dayMs, endMs: Self.endMs)
    configuration.users = users
    var world = World(configuration)
    var made: [Event] = []
    while let event = world.next() { made.append(event) }
    return made
  }

  @Test func sameSeedSameEvents() {
    #expect(events(count: 5_000) == events(count: 5_000))
    #expect(events(count: 5_000) != events(seed: 8, count: 5_000))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func exactNumberInOrderWithinTheSpan(seed: UInt64) {
    let made = events(seed: seed)
    #expect(made.count == 60_000)
    #expect(Set(made.map(\.id)).count == made.count)
    let times = made.map(\.occurredAtMs)
    #expect(times == times.sorted())
    #expect(times.first! >= Self.endMs - 30 * Self.dayMs)
    #expect(times.last! <= Self.endMs)
    #expect(times.last! > Self.endMs - Self.dayMs)
  }

  @Test func everyTypeOccurs() {
    #expect(Set(events(count: 200_000).map(\.type)) == Set(EventType.allCases))
  }

  @Test func idsAreVersion4() {
    for event in events(count: 1_000) {
      #expect(event.id.high >> 12 & 0xF == 4)
      #expect(event.id.low >> 62 == 0b10)
    }
  }

  @Test func nobodyActsBeforeRegisteringOrAfterDeletion() {
    var alive: Set<UInt64> = []
    var gone: Set<UInt64> = []
    for event in events() {
      switch event.payload {
      case .userRegistered(let user, _, _): #expect(alive.insert(user).inserted, "registered twice")
      case .userDeleted(let user, _):
        #expect(alive.remove(user) != nil)
        gone.insert(user)
      case .userErased(let user, _): #expect(gone.remove(user) != nil, "erased before it was deleted, or twice")
      case .userLoggedIn(let user, _, _), .learningSessionStarted(_, let user, _, _),
        .courseEnrolled(_, _, let user, _),
        .cardAnswered(_, let user, _, _, _, _, _, _, _), .courseProgressUpdated(_, let user, _, _, _):
        #expect(alive.contains(user))
      default: break
      }
    }
  }

  @Test func sessionsAddUp() {
    struct Session {
      var startMs: Int64
      var user: UInt64
      var deck: UInt64
      var cards: Set<UInt64> = []
    }
    var open: [UInt64: Session] = [:]
    var finished: Set<UInt64> = []
    var completed = 0
    for event in events() {
      switch event.payload {
      case .learningSessionStarted(let id, let user, let deck, let at):
        #expect(open[id] == nil && !finished.contains(id))
        open[id] = Session(startMs: at, user: user, deck: deck)
      case .cardAnswered(let id, let user, let deck, let card, _, let answerTimeMs, let rating, let at, _):
        #expect(open[id]?.user == user && open[id]?.deck == deck)
        #expect(at >= (open[id]?.startMs ?? .max) && answerTimeMs > 0)
        #expect(rating == nil || (1...4).contains(rating!))
        open[id]?.cards.insert(card)
      case .learningSessionFinished(let id, let user, let deck, let at, let seen, let learned, let duration, let done):
        let session = open.removeValue(forKey: id)
        #expect(session?.user == user && session?.deck == deck)
        #expect(Int(seen) == session?.cards.count && learned <= seen)
        #expect(Int64(duration) == (at - (session?.startMs ?? 0)) / 1_000)
        #expect(finished.insert(id).inserted)
        if done { completed += 1 }
      default: break
      }
    }
    let share = Double(completed) / Double(finished.count)
    #expect(share > 0.5 && share < 0.95)
    #expect(open.count < 20)
  }

  @Test func cardsBelongToDecksThatExist() {
    var decks: Set<UInt64> = []
    var deckOfCard: [UInt64: UInt64] = [:]
    for event in events() {
      switch event.payload {
      case .deckCreated(let deck, _, _, _): #expect(decks.insert(deck).inserted)
      case .cardCreated(let card, let deck, _):
        #expect(decks.contains(deck) && deckOfCard[card] == nil)
        deckOfCard[card] = deck
      case .cardAnswered(_, _, let deck, let card, _, _, _, _, _), .cardUpdated(let card, let deck, _),
        .cardDeleted(let card, let deck, _):
        #expect(deckOfCard[card] == deck)
      default: break
      }
    }
  }

  @Test func coursesAreStudiedAfterEnrolmentAndLoseSome() {
    var open: [UInt64: Double] = [:]  // user and course, packed
    var enrolled = 0
    var completed = 0
    for event in events(count: 200_000) {
      switch event.payload {
      case .courseEnrolled(_, let course, let user, _):
        enrolled += 1
        open[user << 16 | course] = 0
      case .courseProgressUpdated(let course, let user, _, let percent, _):
        #expect(percent > (open[user << 16 | course] ?? 101) && percent <= 100)
        open[user << 16 | course] = percent
      case .courseCompleted(_, let course, let user, _):
        completed += 1
        #expect(open[user << 16 | course] == 100)
      default: break
      }
    }
    #expect(enrolled > 500 && completed > 0 && completed < enrolled / 2)
  }

  @Test func coursesHaveTheDecksTheyWereGiven() {
    var decks: [UInt64: Set<UInt64>] = [:]
    var gone: Set<UInt64> = []
    var counts: [EventType: Int] = [:]
    for event in events(count: 200_000) {
      counts[event.type, default: 0] += 1
      switch event.payload {
      case .courseCreated(let course, _, _, let title):
        #expect(decks[course] == nil && title?.isEmpty == false)
        decks[course] = []
      case .courseUpdated(let course, _, _, _), .coursePublished(let course, _, _),
        .courseUnpublished(let course, _, _):
        #expect(decks[course] != nil && !gone.contains(course))
      case .courseDeckAdded(let course, let deck, let place, _):
        #expect(!gone.contains(course))
        // A deck that is there already was moved.
        #expect(Int(place) <= decks[course]?.count ?? -1)
        decks[course]?.insert(deck)
      case .courseDeckRemoved(let course, let deck, _): #expect(decks[course]?.remove(deck) != nil)
      case .courseDeleted(let course, _, _): #expect(decks[course] != nil && gone.insert(course).inserted)
      default: break
      }
    }
    #expect((decks.values.map(\.count).max() ?? 0) > 3)
    #expect(counts[.courseDeckAdded, default: 0] > counts[.courseDeckRemoved, default: 0])
  }

  @Test func titlesAreAlwaysOfTheirDeck() {
    var titles: [UInt64: Set<String>] = [:]
    var isPrivate: [UInt64: Bool] = [:]
    for event in events(count: 200_000) {
      switch event.payload {
      case .deckCreated(let deck, _, _, let title), .deckUpdated(let deck, _, _, let title),
        .deckDeleted(let deck, _, _, let title):
        #expect(isPrivate.updateValue(title == nil, forKey: deck) != (title != nil))
        if let title {
          titles[deck, default: []].insert(title)
          #expect((1...200).contains(title.unicodeScalars.count))
        }
      default: break
      }
    }
    let others = isPrivate.values.count { $0 }
    #expect(others > isPrivate.count / 8 && others < isPrivate.count / 2)
    #expect(titles.values.contains { $0.count > 1 })
    #expect(Set(titles.values.flatMap { $0 }).count == titles.values.reduce(0) { $0 + $1.count })
  }

  @Test func schedulesFollowFromTheAnswers() {
    struct Pair: Hashable { var user, card: UInt64 }
    var answers: [Pair: [Int64]] = [:]
    var (known, first, zones) = (0, 0, 0)
    for event in events(count: 200_000) {
      switch event.payload {
      case .userLoggedIn(_, _, let timezone): if timezone != nil { zones += 1 }
      case .cardAnswered(_, let user, _, let card, let correct, _, let rating, let at, let schedule):
        let pair = Pair(user: user, card: card)
        guard let due = schedule.dueAtMs else {
          #expect(rating == nil && schedule == .none)
          continue
        }
        #expect(correct ? due > at : due >= at + 600_000)
        if let since = schedule.sincePreviousSec {
          known += 1
          #expect(answers[pair, default: []].contains { (at - $0) / 1_000 == Int64(since) })
          #expect(schedule.scheduledDays != nil && (schedule.stability ?? 0) > 0)
          #expect((0...1).contains(schedule.retrievability ?? -1))
        } else {
          first += 1
          #expect(schedule == AnswerSchedule(dueAtMs: due))
        }
        answers[pair, default: []].append(at)
      default: break
      }
    }
    #expect(known > 1_000 && first > 1_000 && zones > 1_000)
  }

  @Test func eveningsAreBusierThanNights() {
    var byHour = [Int](repeating: 0, count: 24)
    for event in events() { byHour[Int(event.occurredAtMs / 3_600_000 % 24)] += 1 }
    #expect(byHour[20] > 5 * byHour[3])
  }

  @Test(arguments: [(1, 1), (10, 1), (2_000, 2), (50_000, 40)])
  func smallAndCrampedWorldsStillFillTheirQuota(count: Int, users: Int) {
    var configuration = WorldConfiguration(seed: 5, events: count, startMs: Self.endMs - 2_000, endMs: Self.endMs)
    configuration.users = users
    configuration.decks = 3
    configuration.courses = 1
    var world = World(configuration)
    var made = 0
    while let event = world.next() {
      made += 1
      #expect(event.occurredAtMs <= Self.endMs)
    }
    #expect(made == count)
  }
}
