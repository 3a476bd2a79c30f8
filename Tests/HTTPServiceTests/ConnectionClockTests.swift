import HTTPService
import NIOCore
import Testing

@Suite struct ConnectionClockTests {
  private let start = NIODeadline.now()
  private var clock: ConnectionClock

  init() {
    clock = ConnectionClock(ConnectionLimits(), connected: start)
  }

  private func at(_ seconds: Int) -> NIODeadline { start + .seconds(Int64(seconds)) }

  private func expect(_ fault: ConnectionClock.Fault?, at seconds: Int = 0) {
    #expect(clock.next?.fault == fault)
    if fault != nil { #expect(clock.next?.at == at(seconds)) }
  }

  @Test func halfAHeadIsClosedWithinFifteenSeconds() {
    #expect(ConnectionLimits().headTimeout <= .seconds(15))
  }

  @Test mutating func aHeadThatDripsIsNotGivenMoreTime() {
    expect(.head, at: 10)
    for second in 1..<10 {
      clock.bytesCame(at(second))
      expect(.head, at: 10)
    }
  }

  @Test mutating func aBodyHasATimeOfItsOwn() {
    clock.bytesCame(at(1))
    clock.headCame(at(2))
    clock.bytesCame(at(20))
    expect(.body, at: 32)
    clock.requestEnded()
    expect(nil)
    #expect(clock.arrival == at(2))
  }

  @Test mutating func nothingEndsWhileItIsTheServersTurn() {
    clock.headCame(at(1))
    clock.requestEnded()
    expect(nil)
  }

  @Test mutating func betweenRequestsIsIdle() {
    clock.headCame(at(1))
    clock.requestEnded()
    clock.writeBegan(at(5))
    clock.answerWritten(at(5))
    expect(.write, at: 35)
    clock.writeEnded(at(6))
    expect(.idle, at: 126)
    #expect(clock.arrival == nil)
    clock.bytesCame(at(60))
    expect(.head, at: 70)
  }

  @Test mutating func aReaderThatTakesSomethingHasTimeAgain() {
    clock.headCame(at(1))
    clock.requestEnded()
    for _ in 0..<3 { clock.writeBegan(at(2)) }
    expect(.write, at: 32)
    clock.writeEnded(at(30))
    expect(.write, at: 60)
    clock.writeEnded(at(31))
    clock.writeEnded(at(31))
    expect(nil)
  }

  @Test mutating func theArrivalIsThatOfTheRequestBeingAnswered() {
    for second in [1, 2] {
      clock.headCame(at(second))
      clock.requestEnded()
    }
    #expect(clock.arrival == at(1))
    clock.answerWritten(at(9))
    #expect(clock.arrival == at(2))
    expect(nil)
  }
}
