/// librdkafka properties that exactly-once delivery rests on: `KAFKA_PROPERTIES` may not change them.
enum ProtectedProperties {
  private struct Rule {
    /// Values that change nothing, in lower case.
    var allowed: Set<String> = []
    let reason: String
  }

  private static let yes: Set<String> = ["true", "t", "1"]
  private static let no: Set<String> = ["false", "f", "0"]

  private static let rules: [String: Rule] = [
    // Reading.
    "group.id": Rule(reason: "COLLECTOR_GROUP names the group"),
    "group.instance.id": Rule(
      reason: "all collectors would be one static member, which the group takes for each other's zombies"),
    "group.protocol": Rule(
      allowed: ["classic"], reason: "a partition is taken over and given back by the classic protocol's steps"),
    "partition.assignment.strategy": Rule(
      allowed: ["range", "roundrobin", "range,roundrobin"],
      reason: "a rebalance takes all partitions back before it gives any (range or roundrobin)"),
    "enable.auto.commit": Rule(
      allowed: no, reason: "an offset is committed only after ClickHouse has the rows before it"),
    "auto.commit.enable": Rule(
      allowed: no, reason: "an offset is committed only after ClickHouse has the rows before it"),
    "enable.auto.offset.store": Rule(
      allowed: no, reason: "an offset is committed only after ClickHouse has the rows before it"),
    "auto.offset.reset": Rule(
      reason: "where reading begins is written in ClickHouse's table ranges, and any other place would skip messages"),
    "enable.partition.eof": Rule(
      reason: "the end of a partition is looked for only where a log is searched, and is needed there"),
    "isolation.level": Rule(
      allowed: ["read_committed"], reason: "messages of transactions that were taken back are no events"),
    "topic.blacklist": Rule(reason: "messages of a topic that is hidden would never arrive"),
    // Writing.
    "acks": Rule(allowed: ["all", "-1"], reason: "a message counts as sent when every in-sync replica has it"),
    "request.required.acks": Rule(
      allowed: ["all", "-1"], reason: "a message counts as sent when every in-sync replica has it"),
    "enable.idempotence": Rule(allowed: yes, reason: "without it a retry would write a message twice"),
    "transactional.id": Rule(reason: "no transaction is ever begun, so nothing could be sent"),
    "delivery.report.only.error": Rule(
      allowed: no, reason: "what was sent is known by the report of its delivery"),
    // Both.
    "bootstrap.servers": Rule(reason: "KAFKA_BROKERS names the brokers"),
    "metadata.broker.list": Rule(reason: "KAFKA_BROKERS names the brokers"),
  ]

  /// Why `properties` cannot be used, in one sentence; nil when they can.
  static func refusal(of properties: [String: String]) -> String? {
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      guard let rule = rules[name], !rule.allowed.contains(value.lowercased()) else { continue }
      return "\(name)=\(value) is refused: \(rule.reason)"
    }
    return nil
  }
}

extension KafkaConfiguration {
  /// Why these properties cannot be used, in one sentence; nil when they can.
  package var refusal: String? { ProtectedProperties.refusal(of: properties) }
}
