import ClickHouse

/// Which dead letters are meant. All conditions must hold; without any, all letters.
package struct LetterSelection: Sendable {
  /// A bound of the time at which a letter was set aside.
  package enum TimeBound: Sendable, Equatable {
    /// Milliseconds before now, by ClickHouse's clock.
    case ago(Int64)
    /// Milliseconds since 1970.
    case at(Int64)

    fileprivate func sql(_ name: String) -> String {
      switch self {
      case .ago: "now64(3) - toIntervalMillisecond({\(name):Int64})"
      case .at: "fromUnixTimestamp64Milli({\(name):Int64}, 'UTC')"
      }
    }

    fileprivate var milliseconds: Int64 {
      switch self {
      case .ago(let ms), .at(let ms): ms
      }
    }
  }

  package var topic: String?
  package var reason: String?
  /// From this moment on …
  package var since: TimeBound?
  /// … and before this one.
  package var until: TimeBound?
  /// Only letters that were not sent again yet.
  package var pendingOnly = false
  /// Only these letters.
  package var coordinates: [LetterCoordinates]?
  /// Only letters after this one, in the order of coordinates.
  package var after: LetterCoordinates?

  package init() {}

  package var isEmpty: Bool {
    topic == nil && reason == nil && since == nil && until == nil && coordinates == nil && after == nil
  }

  /// The condition on columns of `dead_letters` and of its replays, with the values of its placeholders.
  var condition: (sql: String, parameters: [String: any ClickHouseParameter]) {
    var conditions: [String] = []
    var parameters: [String: any ClickHouseParameter] = [:]
    if let topic {
      conditions.append("topic = {topic:String}")
      parameters["topic"] = topic
    }
    if let reason {
      conditions.append("reason = {reason:String}")
      parameters["reason"] = reason
    }
    if let since {
      conditions.append("received_at >= \(since.sql("since"))")
      parameters["since"] = since.milliseconds
    }
    if let until {
      conditions.append("received_at < \(until.sql("until"))")
      parameters["until"] = until.milliseconds
    }
    if let coordinates {
      conditions.append(
        """
        (topic, kafka_partition, kafka_offset) IN (
          SELECT tupleElement(c, 1), tupleElement(c, 2), tupleElement(c, 3) FROM (SELECT arrayJoin(arrayZip(
            {in_topics:Array(String)}, {in_partitions:Array(Int32)}, {in_offsets:Array(Int64)})) AS c))
        """)
      parameters["in_topics"] = coordinates.map(\.partition.topic)
      parameters["in_partitions"] = coordinates.map(\.partition.partition)
      parameters["in_offsets"] = coordinates.map(\.offset)
    }
    if let after {
      conditions.append(
        "(topic, kafka_partition, kafka_offset) > ({after_topic:String}, {after_partition:Int32}, {after_offset:Int64})"
      )
      parameters["after_topic"] = after.partition.topic
      parameters["after_partition"] = after.partition.partition
      parameters["after_offset"] = after.offset
    }
    if pendingOnly { conditions.append("done = 0") }
    return (conditions.isEmpty ? "1" : conditions.joined(separator: " AND "), parameters)
  }
}
