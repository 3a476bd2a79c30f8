import Collector
import Testing

@Suite struct RepeatWindowTests {
  private func mark(_ id: UInt64, offset: UInt64) -> RepeatWindow.Mark { .init(id, ~id, offset: offset) }

  @Test func anIDAtAnotherOffsetIsARepeat() {
    var window = RepeatWindow(events: 1024)
    #expect(window.countRepeats([mark(1, offset: 10), mark(2, offset: 11), mark(1, offset: 12)]) == 1)
    #expect(window.countRepeats([mark(2, offset: 13), mark(3, offset: 14), mark(1, offset: 15)]) == 2)
  }

  @Test func aMessageReadAgainIsNone() {
    var window = RepeatWindow(events: 1024)
    let marks = (0..<100).map { mark($0, offset: 1000 + $0) }
    #expect(window.countRepeats(marks) == 0)
    #expect(window.countRepeats(marks) == 0)
    #expect(window.countRepeats((0..<100).map { mark($0, offset: 5000 + $0) }) == 100)
  }

  /// Ids of an eighth of the window are all known; those that went out of it long ago are not.
  @Test func itRemembersAsManyAsItWasMadeFor() {
    var window = RepeatWindow(events: 8192)
    var random = SystemRandomNumberGenerator()
    let ids = (0..<1024).map { _ in random.next() as UInt64 }
    let again = { (offset: UInt64) in ids.map { RepeatWindow.Mark($0, $0 &* 31, offset: offset) } }
    #expect(window.countRepeats(again(1)) == 0)
    #expect(window.countRepeats(again(2)) >= 1020)
    for _ in 0..<100 {
      let others = (0..<1024).map { _ in RepeatWindow.Mark(random.next(), random.next(), offset: 3) }
      #expect(window.countRepeats(others) == 0)
    }
    #expect(window.countRepeats(again(4)) == 0)
  }

  @Test func theSmallestWindowWorks() {
    var window = RepeatWindow(events: 1)
    for id in 0..<100 { #expect(window.countRepeats([mark(UInt64(id), offset: UInt64(id))]) == 0) }
  }
}
