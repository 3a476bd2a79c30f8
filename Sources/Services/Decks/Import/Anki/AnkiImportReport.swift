import HTTPService

/// What importing a package has done, or would do.
struct AnkiImportReport: Sendable {
  let isTrial: Bool
  let plan: AnkiImportPlan

  static let representation = Representation<AnkiImportReport>.object(
    "PackageReport",
    [
      .init("dry_run", .flag, "True: nothing was written.") { $0.isTrial },
      .init("notes", .count, "Of the package.") { $0.plan.notes },
      .init("created", .count, "New cards.") { $0.plan.rows.created.count },
      .init("updated", .count, "Cards that were there and have changed.") { $0.plan.rows.updated.count },
      .init("skipped", .count, "Notes that are there already, or come twice.") { report in
        report.plan.rows.steps.filter { $0.action == .skip }.count
      },
      .init("images", .count, "Images that new cards have.") { report in
        report.plan.rows.created.reduce(0) { $0 + ($1.frontPicture == nil ? 0 : 1) + ($1.backPicture == nil ? 0 : 1) }
      },
      .init("tags_added", .array(.text), "To the deck.") { $0.plan.addedTags },
      .init("lost", .array(loss), "What of the package is not in the deck; whole notes first.") { $0.plan.losses },
      .init("preview", .array(ImportReport.step), "The first notes, by their number in the package.") {
        Array($0.plan.rows.steps.prefix(ImportReport.shownRows))
      },
    ])

  private static let loss = Representation<ImportLoss>.object(
    "ImportLoss",
    [
      .init("kind", .choice(ImportLoss.Kind.allCases.map(\.rawValue))) { $0.kind.rawValue },
      .init("count", .count) { $0.count },
      .init("meaning", .text, "For people.") { $0.kind.meaning },
      .init("examples", .array(.text), "At most five.") { $0.examples },
    ])
}
