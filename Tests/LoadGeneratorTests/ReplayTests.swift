import CZlib
import EventSchema
import Foundation
import LoadGenerator
import Testing

/// Recordings are read as they are, and what is wrong with them is said with its line.
struct ReplayTests {
  private static let event =
    #"{"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"course_created","occured_at":"2011-12-29T00:00:00.000Z", "#
    + #""producer":"teaching \"service\" ]}","payload":{"course_id":5,"author_id":1,"created_at":"2011-12-29T00:00:00.000Z"}}"#
  private static let line = #"{"topic":"course.events","key":"5","event":\#(event)}"#

  private struct Read {
    var messages: [(topic: Topic, key: String?, value: String, fate: Fate, digest: RowDigest)] = []
    var warnings: [String] = []
    var skipped = 0
    var error: RecordingError?
  }

  private func read(_ contents: [UInt8], limit: Int? = nil, skipsBadLines: Bool = false) throws -> Read {
    let file = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
    try Data(contents).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    var read = Read()
    var warnings: [String] = []
    do throws(RecordingError) {
      let source = try ReplaySource(
        path: file.path, limit: limit, skipsBadLines: skipsBadLines, nowMs: 1_763_800_000_000
      ) { warnings.append($0) }
      defer { read.skipped = source.skippedLines }
      while let message = try source.next() {
        read.messages.append(
          (
            message.topic, message.key.map { String(decoding: $0, as: UTF8.self) },
            String(decoding: message.value, as: UTF8.self), message.fate, message.digest
          ))
      }
    } catch { read.error = error }
    read.warnings = warnings
    return read
  }

  private func read(_ text: String, limit: Int? = nil, skipsBadLines: Bool = false) throws -> Read {
    try read(Array(text.utf8), limit: limit, skipsBadLines: skipsBadLines)
  }

  @Test func bytesAreSentAsRecorded() throws {
    let read = try read(Self.line + "\r\n\n" + Self.line.replacing(#""key":"5""#, with: #""key":null"#))
    #expect(read.error == nil && read.messages.count == 2)
    #expect(read.messages[0].topic == .course && read.messages[0].key == "5")
    #expect(read.messages[0].value == Self.event)
    #expect(read.messages[0].fate == .event(.courseCreated))
    #expect(read.messages[0].digest.high == 0x5e28_24ed_2ded_5086)
    #expect(read.messages[0].digest.low == 0xbe89_cd34_874d_1af7)
    #expect(read.messages[1].key == nil)
  }

  @Test func keysInAnyOrderWithBlanksEscapesAndStrangers() throws {
    let read = try read(
      #" { "event" : {"a":[{"b":"}\\"}]} , "more":[1,{"x":null}], "key" : "d\u00e9ck:\"7\"", "topic" : "content.events" } "#
    )
    #expect(read.error == nil && read.messages.count == 1)
    #expect(read.messages[0].value == #"{"a":[{"b":"}\\"}]}"#)
    #expect(read.messages[0].key == "déck:\"7\"")
    #expect(read.messages[0].fate == .deadLetter(.missingField))
  }

  @Test(arguments: [
    ("[]", "JSON object"), ("{}", "no \"topic\""), (#"{"topic":"x.events","event":{}}"#, "x.events"),
    (#"{"topic":"user.events"}"#, "no \"event\""), (#"{"topic":"user.events","event":[1]}"#, "no object"),
    (#"{"topic":"user.events","event":{"a":1}"#, "cut off"), (#"{"topic":"user.ev"#, "cut off"),
    (#"{"topic":"user.events","event":{}} x"#, "after the object"), (#"{"topic":7,"event":{}}"#, "string"),
  ])
  func badLinesAreNamed(line: String, says: String) throws {
    let strict = try read(Self.line + "\n" + line + "\n" + Self.line)
    #expect(strict.messages.count == 1)
    #expect("\(strict.error!)".contains("line 2") && "\(strict.error!)".contains(says), "\(strict.error!)")
    let lenient = try read(Self.line + "\n" + line + "\n" + Self.line, skipsBadLines: true)
    #expect(lenient.error == nil && lenient.messages.count == 2 && lenient.skipped == 1)
    #expect(lenient.warnings.count == 1 && lenient.warnings[0].contains("line 2"))
  }

  @Test func limitEndsEarly() throws {
    #expect(try read(Self.line + "\n" + Self.line + "\n{", limit: 2).messages.count == 2)
  }

  @Test func gzipLongLinesAndManyLines() throws {
    let long = Self.line.replacing("teaching", with: String(repeating: "x", count: 900_000))
    var text = ""
    for number in 0..<3_000 { text += (number == 1_500 ? long : Self.line) + "\n" }
    let plain = try read(text)
    let packed = try read(Self.gzip(Array(text.utf8)))
    #expect(plain.messages.count == 3_000 && packed.messages.count == 3_000)
    #expect(packed.messages[1_500].value.utf8.count > 900_000)
    #expect(packed.messages.map(\.value) == plain.messages.map(\.value))
  }

  /// Some of each kind: at a line's end too, where what came out looks whole.
  @Test func cutOffGzipIsAnErrorWhereverItIsCut() throws {
    let packed = try Self.gzip(Array(Self.lines(200).joined(separator: "\n").utf8))
    for length in Array(2..<40) + Array(stride(from: 40, to: packed.count, by: 97))
      + Array((packed.count - 12)..<packed.count)
    {
      for skipsBadLines in [false, true] {
        let read = try read(Array(packed.prefix(length)), skipsBadLines: skipsBadLines)
        let words = "\(String(describing: read.error))"
        #expect(words.contains("cut off at byte \(length)") && words.contains("after line "), "\(length): \(words)")
      }
    }
    #expect(try read(packed).messages.count == 200)
  }

  @Test func gzipOfSeveralMembersIsReadToItsEnd() throws {
    let lines = Self.lines(300)
    let members = try [lines[..<100], lines[100..<100], lines[100..<101], lines[101...]].map { part in
      try Self.gzip(Array(part.map { $0 + "\n" }.joined().utf8))
    }
    let whole = try read(Array(members.joined()))
    #expect(whole.error == nil && whole.messages.count == 300)
    // As tape blocks are filled up, and gzip(1) reads them.
    #expect(try read(Array(members.joined()) + [UInt8](repeating: 0, count: 4000)).error == nil)
    let cut = try read(Array(members.joined().dropLast(3)))
    #expect("\(String(describing: cut.error))".contains("cut off at byte"))
  }

  @Test func whatFollowsGzipIsAnError() throws {
    let packed = try Self.gzip(Array((Self.line + "\n").utf8))
    for tail in ["x", Self.line, "\u{1f}", "\0\0y"] {
      let read = try read(packed + Array(tail.utf8))
      #expect(read.messages.count == 1)
      let first = packed.count + tail.utf8.prefix { $0 == 0 }.count
      let words = "\(String(describing: read.error))"
      #expect(words.contains("from byte \(first) on, is not gzip") && words.contains("after line 1"), "\(words)")
    }
  }

  @Test func damagedGzipIsAnError() throws {
    let packed = try Self.gzip(Array(Self.lines(50).joined(separator: "\n").utf8))
    // The check and the length at the end, a byte of the data, the header's method.
    for index in [packed.count - 8, packed.count - 1, packed.count / 2, 2] {
      var damaged = packed
      damaged[index] ^= 0x55
      #expect("\(String(describing: try read(damaged).error))".contains("is damaged before byte"), "byte \(index)")
    }
  }

  @Test func missingFileIsAnError() {
    #expect(throws: RecordingError.self) {
      try ReplaySource(path: "/nonexistent/x.ndjson", limit: nil, skipsBadLines: false, nowMs: 0) { _ in }
    }
  }

  /// Lines that differ, so that they do not pack well.
  private static func lines(_ count: Int) -> [String] {
    var generator = SeededGenerator(seed: 1)
    return (0..<count).map { _ in line.replacing("5e2824ed", with: "\(generator.below(89_999_999) + 10_000_000)") }
  }

  private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let handle = gzopen(file.path, "wb")
    #expect(gzwrite(handle, bytes, UInt32(bytes.count)) == bytes.count)
    gzclose(handle)
    return Array(try Data(contentsOf: file))
  }
}
