/// Events that a producer sent more than once: the same `event_id` at other coordinates. They are counted, and no fault.
///
/// Copies of an event have its type and its day, so the table is asked piece by piece in the order of its key, each piece
/// of about so many rows: memory does not grow with the table, and every row is read twice at most.
package enum RepeatedEvents {
  /// A type's rows of some days, or a slice of them by the hash of their ids.
  package struct Piece: Equatable {
    let type: String
    var firstDay: String
    var lastDay: String
    var rows: Int64
    let slice: Int
    let slices: Int

    package init(type: String, firstDay: String, lastDay: String, rows: Int64, slice: Int = 0, slices: Int = 1) {
      self.type = type
      self.firstDay = firstDay
      self.lastDay = lastDay
      self.rows = rows
      self.slice = slice
      self.slices = slices
    }

    var condition: String {
      "event_type = '\(type)' AND toDate(occurred_at) BETWEEN '\(firstDay)' AND '\(lastDay)'"
        + (slices > 1 ? " AND cityHash64(event_id) % \(slices) = \(slice)" : "")
    }
  }

  /// Rows of each type and day, by which the pieces are cut.
  static let days = """
    SELECT event_type, toDate(occurred_at) AS day, count() FROM events GROUP BY event_type, day
    ORDER BY event_type, day FORMAT TabSeparated
    """

  /// Cuts the answer to `days`: neighbouring days together up to `most` rows, larger days into slices.
  package static func pieces(of days: [[String]], most: Int64) -> [Piece] {
    var pieces: [Piece] = []
    for day in days where day.count == 3 {
      let rows = Int64(day[2]) ?? 0
      if let last = pieces.last, last.type == day[0], last.slices == 1, last.rows + rows <= most {
        pieces[pieces.count - 1].lastDay = day[1]
        pieces[pieces.count - 1].rows += rows
        continue
      }
      let slices = Int(max(1, (rows + most - 1) / most))
      for slice in 0..<slices {
        pieces.append(
          Piece(type: day[0], firstDay: day[1], lastDay: day[1], rows: rows, slice: slice, slices: slices))
      }
    }
    return pieces
  }

  /// A row a topic: how many events of the piece have several places. Rows at the same offset are a fault of another kind.
  ///
  /// A join, for ClickHouse 25.5 may answer `IN (SELECT …)` by what it remembers of another set (0006_repeated_events.sql).
  static func question(_ piece: Piece) -> String {
    """
    SELECT first_topic, count() FROM
    (
      SELECT event_id, min(toString(topic)) AS first_topic FROM events
      INNER JOIN
        (SELECT event_id FROM events WHERE \(piece.condition) GROUP BY event_id HAVING count() > 1) AS repeated
      USING (event_id)
      WHERE \(piece.condition)
      GROUP BY event_id HAVING uniqExact((toString(topic), kafka_partition, kafka_offset)) > 1
    )
    GROUP BY first_topic FORMAT TabSeparated
    """
  }
}
