import Foundation
import Synchronization
import Telemetry
import Testing

@Suite struct LogTests {
  @Test func writesOneJSONObjectALine() throws {
    let lines = LineBox()
    var logger = LogOutput.logger(label: "test") { lines.append($0) }
    logger[metadataKey: "topic"] = "a \"quoted\" name"
    logger.info("two\nlines", metadata: ["level": "own", "reader_password": "hunter2"])
    let line = try #require(lines.all.first)
    #expect(line.hasSuffix("}\n") && line.split(separator: "\n").count == 1 && !line.contains("hunter2"))
    let fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(fields["message"] == "two\nlines" && fields["topic"] == "a \"quoted\" name")
    #expect(fields["level"] == "info" && fields["level_"] == "own" && fields["logger"] == "test")
    let time = try #require(fields["time"])
    #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
  }

  private final class LineBox: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }
}
