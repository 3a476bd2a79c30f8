import Migrations
import Testing

/// Splitting of random input: what was put together comes apart again, and noise neither crashes it nor loses a byte.
@Suite struct ScriptFuzzTests {
  @Test(arguments: 0..<20) func whatWasJoinedComesApart(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<200 {
      let statements = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        "SELECT "
          + (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.values.randomElement(using: &random)! }
          .joined(separator: Self.blanks.randomElement(using: &random)! + ",")
      }
      let file = statements.reduce("") { file, statement in
        file + Self.blanks.randomElement(using: &random)! + statement + Self.blanks.randomElement(using: &random)! + ";"
      }
      #expect(try Script(Array(file.utf8)).statements.map(\.text) == statements)
    }
  }

  /// A statement and what lies between two, split again, must say the same.
  @Test(arguments: 0..<20) func noiseIsSplitWithoutLoss(_ seed: UInt64) {
    var random = SplitMix(state: seed &+ 1000)
    for _ in 0..<3000 {
      var source: [UInt8] = []
      for _ in 0..<Int.random(in: 0...24, using: &random) {
        source += Array(Self.noise.randomElement(using: &random)!.utf8)
        if Int.random(in: 0..<20, using: &random) == 0 { source.append(UInt8.random(in: 0...255, using: &random)) }
      }
      guard let script = try? Script(source) else { continue }
      var end = 0
      for statement in script.statements {
        #expect(statement.range.lowerBound >= end && !statement.range.isEmpty)
        let gap = Array(source[end..<statement.range.lowerBound])
        #expect((try? Script(gap).statements.isEmpty) == true, "\(source)")
        #expect(end == 0 || gap.contains(UInt8(ascii: ";")))
        // A dot or a digit means another thing at the start of a text than after one.
        if source[statement.range.lowerBound] != UInt8(ascii: ".") {
          let alone = try? Script(Array(source[statement.range])).statements
          #expect(alone?.map(\.checksum) == [statement.checksum], "\(source)")
        }
        end = statement.range.upperBound
      }
      #expect((try? Script(Array(source[end...])).statements.isEmpty) == true, "\(source)")
    }
  }

  private static let blanks = [
    "", " ", "\n", "\t\r\n", " /* ; ' */ ", " /* /* ; */ $$ */ ", " -- ; ' \"\n", " # ;'\n", "\n#!;\n", " // ; `\n",
    "\u{00A0}",
  ]
  private static let values = [
    "1", "'a;b'", #"'\';'"#, "''';'", #"'\\'"#, "`;`", "\";\"", "$$;$$", "$tag$ ; $$ ' $tag$", "x'3b'", "‘;’", "“;”",
    ".5",
    "1_0.5e-3", "0x1f", "a.1", "f(';')", "[1, 2]", "{x:String}", "1 - -1", "a -> b", "a$b", "−1", "'-- ;'", "'/*'",
  ]
  private static let noise = [
    "'", "\"", "`", "\\", ";", "$", "$$", "$a$", "/*", "*/", "--", "#", "# ", "#!", "//", "\n", " ", "a", "x'", "b'0",
    "1e-", "0x",
    "0x1p", ".", "1", "_", "‘", "’", "“", "”", "−", "é", "(", ")", "SELECT", "\u{FEFF}", "->", "{", "}",
  ]
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
