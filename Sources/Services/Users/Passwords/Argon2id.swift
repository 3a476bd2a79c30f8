import CSodium
import Glibc

/// Argon2id of libsodium. Each call takes 9 MiB and some 14 ms of a processor: it belongs on a thread of its own.
struct Argon2id: Sendable {
  init() { Sodium.prepare() }

  /// Nil if there is no memory for it.
  func hash(_ password: Password, cost: PasswordHash.Cost = .current) -> PasswordHash? {
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
    let status = password.withBytes { bytes in
      crypto_pwhash_str_alg(
        &text, bytes.baseAddress!, UInt64(bytes.count), UInt64(cost.passes), cost.memoryKiB << 10,
        crypto_pwhash_alg_argon2id13())
    }
    guard status == 0 else { return nil }
    let phc = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard let hash = PasswordHash(phc: phc) else { preconditionFailure("libsodium wrote a string of another form") }
    return hash
  }

  /// Whether the hash is that of the password; compared in constant time. Nil if there is no memory to find out.
  func matches(_ password: Password, _ hash: PasswordHash) -> Bool? {
    var text = hash.phc.utf8.map(CChar.init(bitPattern:))
    text += [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()) - text.count)
    return password.withBytes { bytes in
      errno = 0
      if crypto_pwhash_str_verify(text, bytes.baseAddress!, UInt64(bytes.count)) == 0 { return true }
      // libsodium sets it for a hash that differs, and for nothing else here.
      return errno == EINVAL ? false : nil
    }
  }
}
