import Blocking
import Foundation
import ObjectStore
import RealServers
import Testing

/// A store of the test's own: its bucket made, its rules set, and itself killed, frozen and cut off.
@Suite(.serialized) struct ObjectStoreFaultTests {
  private func outcome(_ body: () async throws(ObjectStoreError) -> Void) async -> ObjectStoreError? {
    do throws(ObjectStoreError) {
      try await body()
      return nil
    } catch { return error }
  }

  @Test(.timeLimit(.minutes(4))) func killedFrozenAndCutOffItComesBack() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["s3"])
    let environment = try profile.environment()
    let store = try ObjectStore(
      ObjectStoreServer.configuration(environment), bucket: "made-by-a-test", connections: 2)
    defer { store.close() }
    try await bucketAndRules(store)
    try await killed(profile, store)
    try await frozen(profile, store)
    try await cutOff(environment)
  }

  private func bucketAndRules(_ store: ObjectStore) async throws {
    guard
      case .server("NoSuchBucket", _, _) = await outcome({ () throws(ObjectStoreError) in _ = try await store.list() })
    else {
      Issue.record("the bucket is there before it is made")
      return
    }
    for _ in 0..<2 { try await store.createIfMissing() }
    #expect(try await store.list().entries.isEmpty)
    #expect(try await store.expiry().isEmpty)
    let rules = [ObjectExpiry(prefix: "temp/", days: 1), ObjectExpiry(prefix: "a&b/", days: 30)]
    try await store.setExpiry(rules)
    #expect(try await store.expiry().sorted { $0.days < $1.days } == rules)
    try await store.setExpiry([rules[0]])
    #expect(try await store.expiry() == [rules[0]])
    try await store.setExpiry([])
    #expect(try await store.expiry().isEmpty)
  }

  /// What was acknowledged before `kill -9` is there afterwards.
  private func killed(_ profile: ServerProfile, _ store: ObjectStore) async throws {
    let ending = CancellationFlag()
    let writing = Task {
      var acknowledged: [String] = []
      var failures = 0
      var number = 0
      while !ending.isRaised {
        number += 1
        let key = "k\(number)"
        if let error = await outcome({ () throws(ObjectStoreError) in
          try await store.put(Array(key.utf8), key, contentType: "text/plain", deadline: .now + .seconds(5))
        }) {
          failures += 1
          #expect(error.isUnavailability, "\(error)")
          #expect(!"\(error)".contains("127.0.0.1"), "\(error)")
          try? await Task.sleep(for: .milliseconds(20))
        } else {
          acknowledged.append(key)
        }
      }
      return (acknowledged, failures)
    }
    try await Task.sleep(for: .milliseconds(500))
    try profile.killNine("s3")
    try await Task.sleep(for: .milliseconds(300))
    try profile.start(["s3"])
    #expect(
      await outcome { () throws(ObjectStoreError) in
        try await store.put([1], "after", contentType: "text/plain")
      } == nil)
    try await Task.sleep(for: .milliseconds(300))
    ending.raise()
    let (acknowledged, failures) = await writing.value
    #expect(acknowledged.count > 10 && failures > 3)
    for key in acknowledged { #expect(try await store.get(key).bytes == Array(key.utf8), "\(key)") }
  }

  private func frozen(_ profile: ServerProfile, _ store: ObjectStore) async throws {
    try profile.signalAll("s3", SIGSTOP)
    defer { try? profile.signalAll("s3", SIGCONT) }
    let start = ContinuousClock.now
    let error = await outcome { () throws(ObjectStoreError) in
      _ = try await store.head("after", deadline: .now + .milliseconds(300))
    }
    #expect(error == .deadlineExceeded)
    #expect(start.duration(to: .now) < .seconds(3))
    let task = Task {
      await outcome { () throws(ObjectStoreError) in _ = try await store.get("after", deadline: .now + .seconds(60)) }
    }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    #expect(await task.value == .cancelled)
    #expect(start.duration(to: .now) < .seconds(10), "not after its minute")
    try profile.signalAll("s3", SIGCONT)
    #expect(try await store.get("after").bytes == [1])
  }

  private func cutOff(_ environment: [String: String]) async throws {
    let relay = CuttingRelay(to: try #require(environment["S3_ENDPOINT"].flatMap { URL(string: $0)?.port }))
    defer { relay.stop() }
    let store = try ObjectStore(
      ObjectStoreServer.configuration(endpoint: "http://127.0.0.1:\(relay.port)", environment),
      bucket: "made-by-a-test", connections: 1)
    defer { store.close() }
    let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try await store.put(bytes, "b", contentType: "text/plain")
    for cut in [20, 1_000, 250_000] {
      relay.cut(after: cut)
      let error = await outcome { () throws(ObjectStoreError) in _ = try await store.get("b") }
      guard case .interrupted = error else {
        Issue.record("cut after \(cut): \(String(describing: error))")
        continue
      }
      #expect(try await store.get("b").bytes == bytes)
    }
  }
}
