import Audit
import Testing

@Suite struct RepeatedEventsTests {
  private typealias Piece = RepeatedEvents.Piece

  @Test func neighbouringDaysOfATypeAreOnePieceAndLargeDaysAreSliced() {
    let days = [
      ["card_answered", "2026-01-01", "3"], ["card_answered", "2026-01-03", "7"], ["card_answered", "2026-01-04", "1"],
      ["card_answered", "2026-01-05", "25"], ["card_answered", "2026-01-06", "2"], ["deck_created", "2026-01-06", "2"],
    ]
    let pieces = RepeatedEvents.pieces(of: days, most: 10)
    let large = (0..<3).map {
      Piece(
        type: "card_answered", firstDay: "2026-01-05", lastDay: "2026-01-05", rows: 25, slice: $0, slices: 3)
    }
    #expect(
      pieces
        == [
          Piece(type: "card_answered", firstDay: "2026-01-01", lastDay: "2026-01-03", rows: 10),
          Piece(type: "card_answered", firstDay: "2026-01-04", lastDay: "2026-01-04", rows: 1),
        ] + large + [
          Piece(type: "card_answered", firstDay: "2026-01-06", lastDay: "2026-01-06", rows: 2),
          Piece(type: "deck_created", firstDay: "2026-01-06", lastDay: "2026-01-06", rows: 2),
        ])
    #expect(RepeatedEvents.pieces(of: [], most: 10).isEmpty)
  }
}
