import CAllocations
import CivilTime
import Foundation
import HTTPService
import JSON
import Testing

@Suite struct JSONOutputTests {
  private func text(_ write: (inout JSONOutput) -> Void) -> String {
    var output = JSONOutput()
    write(&output)
    return output.text
  }

  @Test func nestsWithoutALostComma() throws {
    let text = text { output in
      output.object { object in
        object.member("a", 1)
        object.array("b") { array in
          array.element(1)
          array.object { _ in }
          array.array { $0.element(true) }
          array.array { _ in }
          array.object { $0.member("x", Int?.none) }
          array.element("s")
        }
        object.object("c") { inner in
          inner.member(named: "né\"e", -0.5)
          inner.object("d") { _ in }
        }
        object.member("e", false)
      }
    }
    #expect(text == #"{"a":1,"b":[1,{},[true],[],{"x":null},"s"],"c":{"né\"e":-0.5,"d":{}},"e":false}"#)
    #expect(try JSONParser.parse(Array(text.utf8)).text == text)
  }

  @Test(arguments: [0, 1, -1, 9, 10, 99, 100, -100, 12345, Int.max, Int.min, Int.max - 1, 1_000_000_000_000_000_000])
  func wholeNumbers(value: Int) {
    #expect(text { $0.integer(value) } == String(value))
  }

  @Test func everyWidthOfWholeNumber() {
    #expect(text { $0.integer(UInt64.max) } == "18446744073709551615")
    #expect(text { $0.integer(Int8.min) } == "-128")
    #expect(text { $0.integer(Int64.min) } == "-9223372036854775808")
  }

  @Test func numbersAreReadAsTheSame() throws {
    var seed: UInt64 = 1
    for _ in 0..<20_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: seed)
      guard value.isFinite else { continue }
      let text = text { $0.number(value) }
      #expect(Double(text) == value && (try? JSONParser.parse(Array(text.utf8))) == .number(text), "\(text)")
    }
    for (value, expected) in [
      (0.1, "0.1"), (100, "100"), (-0.0, "0"), (1e15, "1000000000000000.0"), (1e21, "1e+21"),
      (Double.leastNonzeroMagnitude, "5e-324"), (0.1 + 0.2, "0.30000000000000004"),
    ] as [(Double, String)] {
      #expect(text { $0.number(value) } == expected)
    }
    for value in [Double.nan, .infinity, -.infinity] { #expect(text { $0.number(value) } == "null") }
  }

  @Test func textsAreEscapedAsTheHouseDoes() throws {
    var samples = (0..<0x180).compactMap(Unicode.Scalar.init).map { "a\(Character($0))b" }
    samples += [
      "", "\"", "\\", "\\\"", "\u{2028}😀\u{10FFFF}", String(repeating: "long text ", count: 1000) + "\n", "\u{0}\u{0}",
    ]
    for sample in samples {
      let text = text { $0.string(sample) }
      #expect(text == JSONText.quoted(sample))
      #expect(try JSONParser.parse(Array(text.utf8)) == .string(sample))
      var copy = sample
      #expect(copy.withUTF8 { bytes in self.text { $0.object { $0.member("k", utf8: bytes) } } } == "{\"k\":\(text)}")
    }
  }

  @Test func momentsAreRFC3339() {
    for (milliseconds, expected) in [
      (0, "1970-01-01T00:00:00.000Z"), (1_793_491_200_001, "2026-11-01T00:00:00.001Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] {
      #expect(text { $0.moment(Instant(milliseconds: milliseconds)) } == "\"\(expected)\"")
    }
  }

  @Test func writesBehindWhatIsThere() {
    var output = JSONOutput(behind: "data: ")
    output.array { $0.element(1) }
    #expect(output.text == "data: [1]")
  }

  /// A list as a service answers it costs no memory but the buffer's own.
  @Test func aFieldAllocatesNothing() {
    var output = JSONOutput(capacity: 1 << 20)
    let (title, moment) = (
      String(repeating: "a title of some length ", count: 4) + "\n", Instant(milliseconds: 1_793_491_200_001)
    )
    func write(_ count: Int) {
      output.array { list in
        for number in 0..<count {
          list.object { deck in
            deck.member("id", number)
            deck.member("title", title)
            deck.member("description", String?.none)
            deck.member("created_at", moment)
            deck.member("is_public", true)
            deck.member("rating", 0.25)
            deck.array("tags") { $0.element("tag") }
          }
        }
      }
    }
    write(10)
    let before = callocations_count()
    write(1000)
    #expect(callocations_count() - before == 0)
    #expect(output.text.utf8.count > 100_000)
  }

  private struct Broken: Error {}

  @Test func anErrorInsideLeavesTheOutputUsable() throws {
    var output = JSONOutput()
    #expect(throws: Broken.self) {
      try output.array { array in
        array.element(1)
        throw Broken()
      }
    }
    #expect(output.text == "[1")
  }
}
