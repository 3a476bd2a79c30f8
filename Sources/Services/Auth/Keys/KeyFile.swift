import Digests
import Foundation

/// A ``KeyRing`` in a file: private keys in PEM, each after a line that says from when on it signs.
package struct KeyFile: Sendable {
  package enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
    case missing
    case exists
    /// Of the file system, in its words.
    case unusable(String)
    /// In which line, from 1, and what.
    case malformed(line: Int, String)
    case ring(KeyRing.Problem)

    package var description: String {
      switch self {
      case .missing: "the file of keys is not there: make one by `kartoteka auth keys new`"
      case .exists: "the file of keys is there already: `kartoteka auth keys rotate` adds one"
      case .unusable(let text): "the file of keys cannot be used: \(text)"
      case .malformed(let line, let text): "the file of keys cannot be read: line \(line): \(text)"
      case .ring(let problem): "the file of keys cannot be used: \(problem)"
      }
    }
  }

  private static let head = "# Keys of kartoteka's auth service. Secret. They are changed by `kartoteka auth keys`.\n"
  private static let mark = "Signs-From: "

  package let path: String

  package init(path: String) {
    self.path = path
  }

  package func read() throws(Problem) -> KeyRing {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileManager.default.fileExists(atPath: path) ? .unusable("it cannot be read") : .missing
    }
    return try Self.ring(String(decoding: data.prefix(1 << 20), as: UTF8.self))
  }

  /// Whether others than its owner may read it.
  package var isOpenToOthers: Bool {
    let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int
    return mode.map { $0 & 0o077 != 0 } ?? false
  }

  /// Writes a file that is not there yet, whole or not at all. Of several that do so at once, one does.
  package func create(_ ring: KeyRing) throws(Problem) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let draft = try writeDraft(ring)
    defer { unlink(draft) }
    guard link(draft, path) == 0 else { throw errno == EEXIST ? .exists : .unusable(String(cString: strerror(errno))) }
  }

  /// Puts another ring in its place, whole or not at all.
  package func replace(with ring: KeyRing) throws(Problem) {
    let draft = try writeDraft(ring)
    guard rename(draft, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(draft)
      throw .unusable(reason)
    }
  }

  private func writeDraft(_ ring: KeyRing) throws(Problem) -> String {
    let draft = "\(path).\(UUID().uuidString)"
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { throw .unusable(String(cString: strerror(errno))) }
    let bytes = Array(Self.text(ring).utf8)
    let written = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    guard close(file) == 0, written else {
      unlink(draft)
      throw .unusable("it could not be written")
    }
    return draft
  }

  // MARK: The text

  package static func text(_ ring: KeyRing) -> String {
    head + ring.keys.map { "\n\(mark)\($0.signsFrom)\n\($0.key.pem)" }.joined()
  }

  package static func ring(_ text: String) throws(Problem) -> KeyRing {
    var keys: [SigningKey] = []
    var signsFrom: Int64?
    var pem: [Substring] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let malformed = { (text: String) in Problem.malformed(line: index + 1, text) }
      if !pem.isEmpty {
        pem.append(line)
        guard line.hasPrefix("-----END ") else { continue }
        guard let start = signsFrom else { throw malformed("this key has no line \(mark)before it") }
        do throws(P256PrivateKey.Problem) {
          keys.append(SigningKey(try P256PrivateKey(pem: pem.joined(separator: "\n") + "\n"), signsFrom: start))
        } catch { throw malformed("\(error)") }
        (signsFrom, pem) = (nil, [])
      } else if line.hasPrefix("-----BEGIN ") {
        pem = [line]
      } else if line.hasPrefix(mark) {
        guard signsFrom == nil, let time = Int64(line.dropFirst(mark.count)), time >= 0 else {
          throw malformed("\(mark)must be followed by seconds since 1970, and by a key")
        }
        signsFrom = time
      } else if !line.isEmpty, !line.hasPrefix("#") {
        throw malformed("this is no key, and nothing that is said of one")
      }
    }
    guard pem.isEmpty, signsFrom == nil else { throw .malformed(line: 0, "it ends within a key") }
    do throws(KeyRing.Problem) { return try KeyRing(keys) } catch { throw .ring(error) }
  }
}
