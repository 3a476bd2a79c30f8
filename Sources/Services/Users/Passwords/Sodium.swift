import CSodium

/// libsodium, made ready once for the process.
enum Sodium {
  private static let status = sodium_init()

  /// To be called before anything else of it is used.
  static func prepare() {
    precondition(status >= 0, "libsodium cannot be initialised: the system gives no random numbers")
  }

  static func randomBytes(_ count: Int) -> [UInt8] {
    prepare()
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
  }

  /// In a time that depends on the lengths only.
  static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && sodium_memcmp(left, right, left.count) == 0
  }
}
