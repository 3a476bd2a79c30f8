import Auth
import Foundation
import Testing

@Suite struct KeyFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")

  private func file() -> KeyFile { KeyFile(path: folder.appending(path: "below/keys.pem").path) }

  private func ring(_ times: Int64...) throws -> KeyRing { try KeyRing(times.map { SigningKey(signsFrom: $0) }) }

  @Test func whatIsWrittenIsRead() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, first) = (file(), try ring(1_793_491_200, 1_793_500_000))
    #expect(throws: KeyFile.Problem.missing) { try file.read() }
    try file.create(first)
    let read = try file.read()
    #expect(read.keys.map(\.id) == first.keys.map(\.id) && read.keys.map(\.signsFrom) == first.keys.map(\.signsFrom))
    // Whoever comes second does not take the keys of whoever came first away.
    #expect(throws: KeyFile.Problem.exists) { try file.create(try ring(1)) }
    #expect(try file.read().keys.map(\.id) == first.keys.map(\.id))
    let next = try ring(3)
    try file.replace(with: next)
    #expect(try file.read().keys.map(\.id) == next.keys.map(\.id))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "below").path)
    #expect(names == ["keys.pem"], "no draft is left")
  }

  @Test func itIsItsOwnersOnly() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = file()
    try file.create(try ring(1))
    #expect(!file.isOpenToOthers)
    try file.replace(with: try ring(2))
    #expect(!file.isOpenToOthers)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    #expect(file.isOpenToOthers)
  }

  @Test func aFolderThatIsNone() throws {
    #expect(throws: KeyFile.Problem.self) { try KeyFile(path: "/proc/nothing/keys.pem").create(try ring(1)) }
  }

  @Test func textsThatAreNone() throws {
    let text = KeyFile.text(try ring(7))
    #expect(try KeyFile.ring(text).keys.count == 1)
    #expect(try KeyFile.ring(text.replacing("# Keys", with: "\n# Our keys")).keys.count == 1)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let wrong = [
      "", "# nothing", text.replacing("Signs-From: 7\n", with: ""), text.replacing("From: 7", with: "From: soon"),
      text.replacing("From: 7", with: "From: -7"),
      text.replacing("Signs-From: 7", with: "Signs-From: 7\nSigns-From: 8"),
      text + "more", text + text, lines.dropLast(3).joined(separator: "\n"),
      text.replacing("-----END", with: "----END"),
      text.replacing("MIG", with: "MIH"), text + "\nSigns-From: 9\n",
    ]
    for text in wrong { #expect(throws: KeyFile.Problem.self, "\(text)") { try KeyFile.ring(text) } }
  }

  @Test func problemsShowNoKey() throws {
    let text = KeyFile.text(try ring(7)).replacing("MIG", with: "MIH")
    do {
      _ = try KeyFile.ring(text)
    } catch { #expect(!"\(error)".contains("MI")) }
  }
}
