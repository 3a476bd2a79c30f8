/// Tokens whose signatures have been checked, by their SHA-256. Bounded: two halves, of which the older is forgotten when the
/// younger is full, so that what is in use stays.
package struct TokenCache<Value> {
  /// A SHA-256.
  package struct Key: Hashable {
    package let words: SIMD4<UInt64>

    package init(_ digest: [UInt8]) {
      precondition(digest.count == 32, "a SHA-256 has 32 bytes")
      words = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    // A digest is its own hash; who could choose one could choose the signature too.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.x) }
  }

  private let halfCapacity: Int
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]

  package init(capacity: Int = 65_536) {
    halfCapacity = max(1, capacity / 2)
  }

  package var count: Int { young.count + old.count }

  package mutating func value(_ key: Key) -> Value? {
    if let value = young[key] { return value }
    guard let value = old.removeValue(forKey: key) else { return nil }
    insert(value, key)
    return value
  }

  package mutating func insert(_ value: Value, _ key: Key) {
    if young.count >= halfCapacity, young[key] == nil {
      old = young
      young = [:]
    }
    young[key] = value
  }

  package mutating func remove(_ key: Key) {
    young[key] = nil
    old[key] = nil
  }
}
