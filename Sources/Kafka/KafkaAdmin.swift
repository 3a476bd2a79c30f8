import CRdKafka

/// A topic as the cluster has it.
package struct TopicMetadata: Sendable, Equatable {
  package let name: String
  package let partitions: Int
  package let replicationFactor: Int
}

/// Blocking administration calls; use it from a thread that may wait.
package final class KafkaAdmin: Sendable {
  private let configuration: KafkaConfiguration
  private let client: ClientHandle
  private let brokers: String
  private let timeoutMs: Int32

  /// - Parameter timeoutMs: the bound of each call.
  package init(_ configuration: KafkaConfiguration, timeoutMs: Int32 = 15_000) throws(KafkaError) {
    let handle = try configuration.makeHandle(defaults: [
      // Every failure is thrown; librdkafka's own lines, twenty a second while no broker answers, add nothing.
      "client.id": "kartoteka-admin", "allow.auto.create.topics": "false", "log_level": "2",
    ])
    self.configuration = configuration
    client = try ClientHandle(RD_KAFKA_PRODUCER, configuration: handle)
    brokers = configuration.brokers
    self.timeoutMs = timeoutMs
  }

  /// All topics of the cluster, by name; internal ones (`__…`) included.
  package func topics() throws(KafkaError) -> [TopicMetadata] {
    var pointer: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(client.pointer, 1, nil, &pointer, timeoutMs)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = pointer else {
      throw KafkaError(code, doing: "asking \(brokers) for the topics")
    }
    defer { rd_kafka_metadata_destroy(metadata) }
    return (0..<Int(metadata.pointee.topic_cnt)).map { metadata.pointee.topics[$0] }
      .filter { $0.err == RD_KAFKA_RESP_ERR_NO_ERROR }
      .map { topic in
        TopicMetadata(
          name: String(cString: topic.topic), partitions: Int(topic.partition_cnt),
          replicationFactor: topic.partition_cnt > 0 ? Int(topic.partitions[0].replica_cnt) : 0)
      }
      .sorted { $0.name < $1.name }
  }

  /// Lowest offset present and the offset the next message will get.
  package func watermarks(of partition: TopicPartition) throws(KafkaError) -> (low: Int64, high: Int64) {
    try LogEnds(configuration).read(partition, timeoutMs: timeoutMs)
  }

  /// Creates one topic with its configuration.
  package func createTopic(
    _ name: String, partitions: Int, replicationFactor: Int, configuration: [String: String]
  ) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    guard
      let topic = rd_kafka_NewTopic_new(name, Int32(partitions), Int32(replicationFactor), &text, text.count)
    else { throw KafkaError(configuration: "topic \(name): \(text.text)") }
    defer { rd_kafka_NewTopic_destroy(topic) }
    for (key, value) in configuration { rd_kafka_NewTopic_set_config(topic, key, value) }
    try perform(RD_KAFKA_ADMIN_OP_CREATETOPICS, "creating topic \(name)") { queue, options in
      var topics: [OpaquePointer?] = [topic]
      rd_kafka_CreateTopics(client.pointer, &topics, 1, options, queue)
    } results: { event throws(KafkaError) in
      var count = 0
      guard let result = rd_kafka_event_CreateTopics_result(event),
        let list = rd_kafka_CreateTopics_result_topics(result, &count)
      else { return }
      for index in 0..<count { try Self.checkTopic(list[index], "creating topic") }
    }
  }

  /// Raises a topic's partition count to `total`.
  package func createPartitions(_ topic: String, total: Int) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    guard let more = rd_kafka_NewPartitions_new(topic, total, &text, text.count) else {
      throw KafkaError(configuration: "partitions of \(topic): \(text.text)")
    }
    defer { rd_kafka_NewPartitions_destroy(more) }
    try perform(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "adding partitions to \(topic)") { queue, options in
      var list: [OpaquePointer?] = [more]
      rd_kafka_CreatePartitions(client.pointer, &list, 1, options, queue)
    } results: { event throws(KafkaError) in
      var count = 0
      guard let result = rd_kafka_event_CreatePartitions_result(event),
        let list = rd_kafka_CreatePartitions_result_topics(result, &count)
      else { return }
      for index in 0..<count { try Self.checkTopic(list[index], "adding partitions to") }
    }
  }

  /// Deletes a topic and all it holds.
  package func deleteTopic(_ name: String) throws(KafkaError) {
    let topic = rd_kafka_DeleteTopic_new(name)
    defer { rd_kafka_DeleteTopic_destroy(topic) }
    try perform(RD_KAFKA_ADMIN_OP_DELETETOPICS, "deleting topic \(name)") { queue, options in
      var topics: [OpaquePointer?] = [topic]
      rd_kafka_DeleteTopics(client.pointer, &topics, 1, options, queue)
    } results: { event throws(KafkaError) in
      var count = 0
      guard let result = rd_kafka_event_DeleteTopics_result(event),
        let list = rd_kafka_DeleteTopics_result_topics(result, &count)
      else { return }
      for index in 0..<count { try Self.checkTopic(list[index], "deleting topic") }
    }
  }

  /// A topic's configuration by name, defaults included.
  package func configuration(of topic: String) throws(KafkaError) -> [String: String] {
    let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    var found: [String: String] = [:]
    try perform(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "reading the configuration of \(topic)") { queue, options in
      var list: [OpaquePointer?] = [resource]
      rd_kafka_DescribeConfigs(client.pointer, &list, 1, options, queue)
    } results: { event throws(KafkaError) in
      var count = 0
      guard let result = rd_kafka_event_DescribeConfigs_result(event),
        let list = rd_kafka_DescribeConfigs_result_resources(result, &count)
      else { return }
      for index in 0..<count {
        try Self.checkResource(list[index], "reading the configuration of \(topic)")
        var entries = 0
        guard let configs = rd_kafka_ConfigResource_configs(list[index], &entries) else { continue }
        for entry in 0..<entries {
          guard let name = rd_kafka_ConfigEntry_name(configs[entry]) else { continue }
          found[String(cString: name)] = rd_kafka_ConfigEntry_value(configs[entry]).map { String(cString: $0) } ?? ""
        }
      }
    }
    return found
  }

  /// Sets these entries of a topic's configuration and leaves all others as they are.
  package func setConfiguration(of topic: String, to entries: [String: String]) throws(KafkaError) {
    let calls = try IncrementalAlterConfigs()
    let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
    defer { rd_kafka_ConfigResource_destroy(resource) }
    let what = "configuring topic \(topic)"
    for (name, value) in entries {
      try check(calls.addEntry(resource, name, IncrementalAlterConfigs.set, value), doing: what)
    }
    try perform(IncrementalAlterConfigs.operation, what) { queue, options in
      var list: [OpaquePointer?] = [resource]
      calls.request(client.pointer, &list, 1, options, queue)
    } results: { event throws(KafkaError) in
      var count = 0
      guard let list = calls.resources(calls.result(event), &count) else { return }
      for index in 0..<count { try Self.checkResource(list[index], what) }
    }
  }

  private static func checkTopic(_ result: OpaquePointer?, _ what: String) throws(KafkaError) {
    let code = rd_kafka_topic_result_error(result)
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    let name = rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? "?"
    throw KafkaError(
      code, doing: "\(what) \(name)", detail: rd_kafka_topic_result_error_string(result).map { String(cString: $0) })
  }

  private static func checkResource(_ result: OpaquePointer?, _ what: String) throws(KafkaError) {
    let code = rd_kafka_ConfigResource_error(result)
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    throw KafkaError(
      code, doing: what, detail: rd_kafka_ConfigResource_error_string(result).map { String(cString: $0) })
  }

  /// Sends one admin request and waits for its result event.
  private func perform(
    _ operation: rd_kafka_admin_op_t, _ what: String,
    request: (_ queue: OpaquePointer?, _ options: OpaquePointer?) -> Void,
    results: (_ event: OpaquePointer) throws(KafkaError) -> Void
  ) throws(KafkaError) {
    let options = rd_kafka_AdminOptions_new(client.pointer, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    var text = [CChar](repeating: 0, count: 512)
    _ = rd_kafka_AdminOptions_set_request_timeout(options, timeoutMs, &text, text.count)
    let queue = rd_kafka_queue_new(client.pointer)
    defer { rd_kafka_queue_destroy(queue) }
    request(queue, options)
    guard let event = rd_kafka_queue_poll(queue, timeoutMs + 5_000) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: what)
    }
    defer { rd_kafka_event_destroy(event) }
    let code = rd_kafka_event_error(event)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(code, doing: what, detail: rd_kafka_event_error_string(event).map { String(cString: $0) })
    }
    try results(event)
  }
}
