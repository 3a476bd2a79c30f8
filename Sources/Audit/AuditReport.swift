import Kafka

/// What the audit found of one partition.
package struct PartitionAudit: Sendable {
  package let partition: TopicPartition
  package var ranges: Int64 = 0
  /// Offsets claimed: from the first, to one past the last.
  package var from: Int64 = 0
  package var to: Int64 = 0
  /// Rows that the claims promise.
  package var events: Int64 = 0
  package var deadLetters: Int64 = 0
  package var tombstones: Int64 = 0
  /// Promised rows that are not there.
  package var missing: Int64 = 0
  /// Rows that are there twice, or that nothing promised.
  package var doubled: Int64 = 0
  /// Ranges that do not begin where the one before ended.
  package var breaks: Int64 = 0
  /// Whether the last range is not all in yet (0 or 1).
  package var open: Int64 = 0
  /// Rows outside every range.
  package var strays: Int64 = 0
  package var storedEvents: Int64 = 0
  package var storedDeadLetters: Int64 = 0

  package var holds: Bool { missing == 0 && doubled == 0 && breaks == 0 && strays == 0 }
}

/// One rollup beside the raw table.
package struct RollupAudit: Sendable {
  package let name: String
  package let measures: [String]
  package let raw: [String]
  package let rolled: [String]

  package var holds: Bool { raw == rolled && !raw.isEmpty }
}

/// The audit's answer, and its table for a person.
package struct AuditReport: Sendable {
  package let partitions: [PartitionAudit]
  package let rollups: [RollupAudit]
  /// Events that a producer sent more than once, by topic: other offsets, the same `event_id`. No fault of the collector.
  package let repeated: [String: Int64]

  /// Nothing lost, nothing doubled, rollups equal.
  package var holds: Bool { partitions.allSatisfy(\.holds) && rollups.allSatisfy(\.holds) }

  /// No range is half in: with a collector that has nothing to do, and none that was killed.
  package var isSettled: Bool { partitions.allSatisfy { $0.open == 0 } }

  package var text: String {
    var rows = [
      [
        "partition", "ranges", "offsets", "events", "dead letters", "tombstones", "missing", "doubled", "breaks",
        "open",
      ]
    ]
    for p in partitions {
      rows.append([
        p.partition.description, "\(p.ranges)", "\(p.from)..<\(p.to)", "\(p.storedEvents)", "\(p.storedDeadLetters)",
        "\(p.tombstones)", "\(p.missing)", "\(p.doubled + p.strays)", "\(p.breaks)", "\(p.open)",
      ])
    }
    let total = { (value: (PartitionAudit) -> Int64) in "\(partitions.reduce(0) { $0 + value($1) })" }
    rows.append([
      "all", total { $0.ranges }, "", total { $0.storedEvents }, total { $0.storedDeadLetters },
      total { $0.tombstones }, total { $0.missing }, total { $0.doubled + $0.strays }, total { $0.breaks },
      total { $0.open },
    ])
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let pad = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + pad : pad + cell.0
      }.joined(separator: "  ")
    }
    for rollup in rollups {
      lines.append(
        rollup.holds
          ? "rollup \(rollup.name): equal to the raw table (\(rollup.raw.first ?? "0") events)"
          : "rollup \(rollup.name): DIFFERS, "
            + zip(rollup.measures, zip(rollup.raw, rollup.rolled)).filter { $0.1.0 != $0.1.1 }
            .map { "\($0.0) raw \($0.1.0) rollup \($0.1.1)" }.joined(separator: ", "))
    }
    let events = repeated.values.reduce(0, +)
    if events > 0 {
      let topics = repeated.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      lines.append(
        "\(events) \(events == 1 ? "event was" : "events were") sent more than once by a producer (\(topics)): "
          + "SELECT * FROM repeated_events")
    }
    let missing = partitions.reduce(0) { $0 + $1.missing + $1.breaks }
    let doubled = partitions.reduce(0) { $0 + $1.doubled + $1.strays }
    lines.append(
      holds
        ? "audit holds: nothing lost, nothing doubled" + (isSettled ? "" : ", some ranges still open")
        : "AUDIT FAILS: \(missing) lost, \(doubled) doubled, \(rollups.count { !$0.holds }) rollups differ")
    return lines.joined(separator: "\n")
  }
}
