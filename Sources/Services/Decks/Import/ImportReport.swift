import HTTPService

/// What an import has done, or would do.
struct ImportReport: Sendable {
  /// Rows shown of a preview.
  static let shownRows = 20

  let isTrial: Bool
  let delimiter: Delimiter
  let hasHeader: Bool
  let steps: [ImportPlan.Step]
  let created: Int
  let updated: Int

  init(_ table: ImportTable, _ plan: ImportPlan, _ edit: CardEditPlan, isTrial: Bool) {
    self.isTrial = isTrial
    delimiter = table.delimiter
    hasHeader = table.hasHeader
    steps = plan.steps
    created = edit.created.count
    updated = edit.updated.count
  }

  static let representation = Representation<ImportReport>.object(
    "ImportReport",
    [
      .init("dry_run", .flag, "True: nothing was written.") { $0.isTrial },
      .init("delimiter", .choice(Delimiter.allCases.map(\.rawValue)), "As it was found.") { $0.delimiter.rawValue },
      .init("has_header", .flag, "Whether the first row names the columns.") { $0.hasHeader },
      .init("rows", .count, "Without the header.") { $0.steps.count },
      .init("created", .count, "New cards.") { $0.created },
      .init("updated", .count, "Cards that were there and have changed.") { $0.updated },
      .init("skipped", .count, "Rows that neither made nor changed a card.") { report in
        report.steps.filter { $0.action == .skip }.count
      },
      .init("preview", .array(step), "The first rows.") { Array($0.steps.prefix(shownRows)) },
    ])

  static let step = Representation<ImportPlan.Step>.object(
    "ImportedRow",
    [
      .init("row", .count, "As a spreadsheet numbers it.") { $0.row.number },
      .init("front_text", .text) { $0.row.front },
      .init("back_text", .text) { $0.row.back },
      .init("action", .choice(ImportPlan.Action.allCases.map(\.rawValue))) { $0.action.rawValue },
    ])
}
