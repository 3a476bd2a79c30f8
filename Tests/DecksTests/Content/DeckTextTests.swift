import Decks
import HTTPService
import ServiceContract
import Testing

@Suite struct DeckTextTests {
  @Test func wordsOfASearchAreTakenAsTheyAre() {
    #expect(LikePattern.containing("100%_\\") == "%100\\%\\_\\\\%")
    #expect(LikePattern.containing("кот") == "%кот%")
  }

  @Test func tagsAreSmallAndOnce() {
    #expect(DeckTag.normalized([" Verbs", "verbs ", "ЁЖ", "a b"]) == ["a b", "verbs", "ёж"])
  }

  @Test(arguments: [
    (Caller.anonymous, DeckVisibility.everyone, true, false), (.anonymous, .owner, false, false),
    (.learner(1), .owner, true, true), (.learner(2), .owner, false, false), (.learner(2), .everyone, true, false),
    (.manager(3), .owner, true, true), (.service("teaching"), .owner, true, false),
  ])
  func whoSeesAndChangesADeck(_ caller: Caller, _ visibility: DeckVisibility, _ sees: Bool, _ changes: Bool) {
    let access = DeckAccess(caller)
    #expect(access.sees(visibility, ownedBy: 1) == sees)
    let refusal: String?
    do {
      try access.requireChange(visibility, ownedBy: 1)
      refusal = nil
    } catch { refusal = error.code }
    #expect(refusal == (changes ? nil : sees ? "DECK_NOT_YOURS" : "DECK_NOT_FOUND"))
  }
}
