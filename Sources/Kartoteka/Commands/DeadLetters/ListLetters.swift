import ArgumentParser
import DeadLetters

struct ListLetters: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List dead letters in the order of their coordinates, or count them.",
    discussion: """
      The column replay tells what became of a letter: - nothing yet; begun, a replay that has not ended or was killed; \
      sent, with its new offset in the same partition; settled, for its event had come in another way. Letters stay \
      listed after that; --pending leaves those out.

      Values are shown escaped, for they may hold anything. --json prints a line of JSON a letter, with the whole value.
      """)

  @OptionGroup(title: "Which") var filter: DeadLettersCommand.Filter
  @Flag(help: "Only letters that were not sent again.")
  var pending = false
  @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit = 50
  @Option(help: ArgumentHelp("Only those after this one: the next page.", valueName: LetterCoordinates.form))
  var after: LetterCoordinates?
  @Flag(help: "Count by topic and reason instead.")
  var summary = false
  @Flag(help: "Print NDJSON.")
  var json = false
  @OptionGroup(title: "Where") var clickHouse: ClickHouseOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  func work() throws {
    var selection = try filter.selection
    selection.pendingOnly = pending
    selection.after = after
    let store = try clickHouse.settings.letterStore()
    if summary { return try printSummary(try store.summary(of: selection)) }
    var left = limit
    var rows: [[String]] = [["letter", "set aside", "reason", "detail", "bytes", "replay", "value"]]
    while left > 0 {
      let page = try store.page(of: selection, limit: min(left, 1000), valueBytes: json ? nil : 120)
      guard let last = page.last else { break }
      for letter in page {
        if json { try DeadLetterReport.printLine(DeadLetterReport.Letter(letter)) } else { rows.append(row(letter)) }
      }
      selection.after = last.coordinates
      left -= page.count
    }
    guard !json else { return }
    if rows.count == 1 { return print("No dead letters\(selection.isEmpty && !pending ? "" : " of this kind").") }
    DeadLetterReport.printTable(rows)
    if left == 0, let last = selection.after, !(try store.page(of: selection, limit: 1, valueBytes: 0).isEmpty) {
      print("There are more: --after \(last)")
    }
  }

  private func row(_ letter: DeadLetter) -> [String] {
    var value = PrintableBytes.escaped(letter.value, limit: 60)
    if letter.value.count < letter.valueBytes, !value.hasSuffix("…") { value += "…" }
    return [
      letter.coordinates.description, DeadLetterReport.time(letter.receivedAtMs), letter.reason,
      PrintableBytes.escaped(Array(letter.detail.utf8)), "\(letter.valueBytes)",
      DeadLetterReport.text(letter.replay), value,
    ]
  }

  private func printSummary(_ rows: [LetterStore.SummaryRow]) throws {
    if json {
      for row in rows { try DeadLetterReport.printLine(DeadLetterReport.Summary(row)) }
      return
    }
    var table = [["topic", "reason", "letters", "pending", "first", "last"]]
    for row in rows {
      table.append([
        row.topic, row.reason, "\(row.letters)", "\(row.pending)", DeadLetterReport.time(row.firstMs),
        DeadLetterReport.time(row.lastMs),
      ])
    }
    table.append([
      "all", "", "\(rows.reduce(0) { $0 + $1.letters })", "\(rows.reduce(0) { $0 + $1.pending })", "", "",
    ])
    DeadLetterReport.printTable(table)
  }
}
