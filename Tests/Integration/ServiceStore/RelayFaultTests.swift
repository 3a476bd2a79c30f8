import Foundation
import Postgres
import RealServers
import ServiceStore
import Testing

/// Processes are killed, servers go and come.
@Suite(.serialized) struct RelayFaultTests {
  /// Killed at a step, by its own hand; the next relay sends what is left. What went out and was not deleted goes out
  /// again, nothing else does.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("select", 1, 0), ("select", 2, 500), ("send", 250, 250), ("acknowledgement", 1, 802),
      ("acknowledgement", 400, 802), ("delete", 1, 802),
    ])
  func killedAtAStep(moment: String, count: Int, repeatsAtMost: Int) async throws {
    let bench = try RelayBench()
    try bench.fill(800)
    let process = try bench.process(dyingAt: moment, count)
    try bench.write("k1", "k2")
    #expect(process.deadlySignal(within: 20) == SIGKILL)
    try bench.write("k1", "k3")
    let relay = bench.relay()
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
    #expect(arrived.repeats <= repeatsAtMost, "\(arrived.repeats)")
  }

  @Test(.timeLimit(.minutes(1))) func ofTwoRelaysOneSendsAndTheOtherTakesOver() async throws {
    let bench = try RelayBench()
    let first = try bench.process(dyingAt: "never")
    try bench.write("k1")
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    let second = bench.relay()
    #expect(eventually(within: 5) { second.metric("outbox_pending_rows") == 0 })
    #expect(second.metric("outbox_leader") == 0)
    for _ in 0..<20 { try bench.write("k1", "k2") }
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    #expect(second.metric("outbox_published_total") == 0)
    first.signal(SIGKILL)
    try bench.write("k3", "k2")
    #expect(eventually(within: 5) { second.metric("outbox_leader") == 1 })
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    // And the other way: who stops makes room.
    let third = bench.relay()
    try await Task.sleep(for: .milliseconds(300))
    try await second.stop()
    try bench.write("k3")
    #expect(eventually(within: 5) { third.metric("outbox_leader") == 1 })
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    try await third.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
  }

  /// It is stopped in the middle; the server ends its session after 15 s. When it goes on, it does no harm.
  @Test(.timeLimit(.minutes(1))) func aRelayThatHangsLosesItsLock() async throws {
    let bench = try RelayBench()
    let first = try bench.process(dyingAt: "never")
    try bench.write("k1")
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    first.signal(SIGSTOP)
    let second = bench.relay()
    try bench.write("k1", "k2")
    #expect(eventually(within: 25) { second.metric("outbox_leader") == 1 })
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    first.signal(SIGCONT)
    for _ in 0..<20 { try bench.write("k1", "k3") }
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    #expect(second.metric("outbox_leader") == 1)
    try await second.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
  }

  @Test(.timeLimit(.minutes(2))) func aBrokerThatIsAwayIsWaitedFor() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    // In memory its log would die with it.
    try profile.start(["--storage=s3", "s3", "kafka"])
    let bench = try RelayBench(brokers: try profile.environment()["KAFKA_BROKERS"])
    let relay = bench.relay()
    try bench.write("k1")
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    try profile.killNine("kafka")
    for _ in 0..<50 { try bench.write("k1", "k2") }
    #expect(
      eventually(within: 20) {
        (relay.metric("outbox_oldest_age_seconds") ?? 0) > 5 && relay.metric("outbox_pending_rows") == 100
          && (relay.metric("outbox_errors_total{cause=\"kafka silent\"}") ?? 0) >= 1
      }, "\(relay.metrics.exposition())")
    #expect(relay.metric("outbox_leader") == 1)
    try profile.start(["kafka"])
    #expect(try eventually(within: 30) { try bench.pending() == 0 })
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
  }

  @Test(.timeLimit(.minutes(2))) func aDatabaseThatIsKilledIsWaitedFor() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    let bench = try RelayBench(postgres: try PostgresServer.configuration(profile.environment()))
    let relay = bench.relay()
    for round in 0..<3 {
      try bench.fill(800)
      if round == 1 { usleep(20_000) }
      try profile.signalAll("postgres-users", SIGKILL)
      try profile.start(["postgres-users"])
      #expect(try eventually(within: 20) { try bench.pending() == 0 })
    }
    // By an administrator's hand.
    try bench.fill(800)
    try bench.store.admin.sql(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE '% outbox'")
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    #expect(eventually(within: 5) { relay.metric("outbox_leader") == 1 })
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
    // What was sent is known, also where the session was lost before it could be deleted.
    #expect(arrived.repeats == 0)
  }
}
