import ArgumentParser
import Foundation
import JSON
import Migrations

/// What the migrating commands print, of whichever database.
enum MigrationReport {
  private struct Line: Encodable {
    let number: Int
    let file: String
    let state: String
    let statements: Int
    let finished: Int

    init(_ step: MigrationPlan.Step) {
      number = step.migration.version
      file = step.migration.file
      statements = step.migration.statements.count
      finished = step.finished
      state = step.isApplied ? "applied" : step.failed ? "failed" : step.finished > 0 ? "partly" : "pending"
    }
  }

  /// At once, also into a file or pipe, so that a long statement can be watched.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  static func line(_ progress: MigrationProgress) -> String {
    switch progress {
    case .waiting(let runner): "waiting for another runner (\(runner))"
    case .file(let migration, let from):
      from == 1 ? migration.file : "\(migration.file), going on at statement \(from)"
    case .statement(let migration, let statement, let seconds):
      "  statement \(statement.number) of \(migration.statements.count), line \(statement.line)"
        + "  \((seconds * 1000).rounded().formatted(.number.grouping(.never))) ms"
    case .applied(let migration): "  \(migration.file) applied"
    }
  }

  static func summary(_ database: String, _ applied: [Migration], of migrations: [Migration]) -> String {
    applied.isEmpty
      ? "\(database): nothing to do" : "\(database): \(applied.count) of \(migrations.count) files applied"
  }

  /// - Throws: `ValidationError` when `--to` names no file.
  static func check(_ last: Int?, in migrations: [Migration]) throws {
    if let last, !migrations.contains(where: { $0.version == last }) {
      throw ValidationError("There is no file with number \(last); they go from 1 to \(migrations.count).")
    }
  }

  /// - Throws: exit code 2 if files are pending.
  static func status(of plan: MigrationPlan, json: Bool) throws {
    let lines = plan.steps.map(Line.init)
    if json {
      print(try EncodedJSON.document(lines, keys: .camelCase))
    } else {
      for line in lines {
        let part = line.state == "applied" ? "" : "  \(line.finished) of \(line.statements) statements done"
        print(line.state.padding(toLength: 9, withPad: " ", startingAt: 0) + line.file + part)
      }
    }
    if !plan.pending.isEmpty { throw ExitCode(2) }
  }

  /// The statements that `up` would run.
  static func pending(_ plan: MigrationPlan, to last: Int?) throws {
    let pending = plan.pending.filter { $0.migration.version <= last ?? .max }
    if pending.isEmpty { print("-- nothing to do") }
    for step in pending {
      for statement in step.remaining {
        print("-- \(step.migration.file), statement \(statement.number), line \(statement.line)")
        print(statement.text + ";\n")
      }
    }
  }
}
