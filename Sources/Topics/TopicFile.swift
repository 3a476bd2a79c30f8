import Yams

/// Reads `kafka/topics.yaml`: strictly, so that a misspelt key cannot pass for a default.
package struct TopicFile: Sendable, Equatable {
  package let topics: [TopicSpec]

  package init(topics: [TopicSpec]) { self.topics = topics }

  /// - Parameter file: the name that errors give.
  package init(yaml: String, file: String) throws(TopicFileError) {
    topics = try TopicFileReader(file: file).topics(in: yaml)
  }

  /// The same topics with another replication factor, for a cluster that has more brokers.
  package func replicated(_ factor: Int) -> TopicFile { TopicFile(topics: topics.map { $0.replicated(factor) }) }
}

/// Walks the YAML nodes, which know their lines.
private struct TopicFileReader {
  let file: String

  private static let keys = ["partitions", "replication_factor", "retention", "cleanup_policy", "config"]
  private static let ownFields = [Retention.entry: "retention", CleanupPolicy.entry: "cleanup_policy"]

  func topics(in yaml: String) throws(TopicFileError) -> [TopicSpec] {
    guard let root = try parse(yaml) else { throw fault(nil, "is empty; it must have a mapping named topics") }
    let top = try mapping(root, "the file")
    for (key, _) in top where try scalar(key, "a key") != "topics" {
      throw fault(key, "unknown key \(quoted(try scalar(key, "a key"))); the only one here is topics")
    }
    guard let list = top["topics"] else { throw fault(root, "has no topics") }
    var specs: [TopicSpec] = []
    for (key, value) in try mapping(list, "topics") {
      specs.append(try topic(named: try name(key), value))
    }
    guard !specs.isEmpty else { throw fault(list, "topics names no topic") }
    return specs
  }

  private func parse(_ yaml: String) throws(TopicFileError) -> Node? {
    do {
      return try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw TopicFileError(file: file, line: mark.line, reason: "is no YAML here: \(problem)")
      case .duplicatedKeysInMapping(let duplicates, let context):
        let names = duplicates.map { quoted($0) }.joined(separator: ", ")
        throw TopicFileError(file: file, line: context.mark.line, reason: "has a key twice: \(names)")
      default: throw fault(nil, "is no YAML: \(error)")
      }
    } catch { throw fault(nil, "is no YAML: \(error)") }
  }

  private func topic(named name: String, _ node: Node) throws(TopicFileError) -> TopicSpec {
    let fields = try mapping(node, "topic \(name)")
    for (key, _) in fields {
      let text = try scalar(key, "a key of topic \(name)")
      guard Self.keys.contains(text) else {
        throw fault(
          key, "topic \(name): unknown key \(quoted(text)); known are \(Self.keys.joined(separator: ", "))")
      }
    }
    func required(_ key: String) throws(TopicFileError) -> Node {
      guard let value = fields[key] else { throw fault(node, "topic \(name) has no \(key)") }
      return value
    }
    return TopicSpec(
      name: name,
      partitions: try count(try required("partitions"), "partitions of topic \(name)", in: 1...10_000),
      replicationFactor: try count(
        try required("replication_factor"), "replication_factor of topic \(name)", in: 1...32),
      retention: try retention(try required("retention"), topic: name),
      cleanupPolicy: try cleanupPolicy(try required("cleanup_policy"), topic: name),
      config: try fields["config"].map { node throws(TopicFileError) in try config(node, topic: name) } ?? [:])
  }

  private func name(_ key: Node) throws(TopicFileError) -> String {
    let text = try scalar(key, "a topic's name")
    let legal = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard legal, (1...249).contains(text.utf8.count), text != ".", text != ".." else {
      throw fault(key, "\(quoted(text)) is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens")
    }
    guard !text.hasPrefix("__") else { throw fault(key, "\(quoted(text)): names with __ in front are Kafka's own") }
    return text
  }

  private func count(_ node: Node, _ what: String, in range: ClosedRange<Int>) throws(TopicFileError) -> Int {
    let text = try scalar(node, what)
    guard let number = Int(text), range.contains(number) else {
      throw fault(
        node, "\(what) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(quoted(text))")
    }
    return number
  }

  private func retention(_ node: Node, topic: String) throws(TopicFileError) -> Retention {
    let text = try scalar(node, "retention of topic \(topic)")
    guard let retention = Retention(text) else {
      throw fault(node, "retention of topic \(topic) must be \(Retention.wanted), not \(quoted(text))")
    }
    return retention
  }

  private func cleanupPolicy(_ node: Node, topic: String) throws(TopicFileError) -> CleanupPolicy {
    let text = try scalar(node, "cleanup_policy of topic \(topic)")
    guard let policy = CleanupPolicy.allCases.first(where: { CleanupPolicy.same($0.rawValue, text) }) else {
      let allowed = CleanupPolicy.allCases.map { quoted($0.rawValue) }.joined(separator: ", ")
      throw fault(node, "cleanup_policy of topic \(topic) must be one of \(allowed), not \(quoted(text))")
    }
    return policy
  }

  private func config(_ node: Node, topic: String) throws(TopicFileError) -> [String: String] {
    var entries: [String: String] = [:]
    for (key, value) in try mapping(node, "config of topic \(topic)") {
      let name = try scalar(key, "a key of config of topic \(topic)")
      if let field = Self.ownFields[name] {
        throw fault(key, "topic \(topic): \(name) is not given in config but as \(field)")
      }
      let legal = name.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: ".") }
      guard legal, !name.isEmpty else {
        throw fault(
          key, "topic \(topic): \(quoted(name)) is no name of a topic configuration, such as max.message.bytes")
      }
      entries[name] = try scalar(value, "\(name) of topic \(topic)")
    }
    return entries
  }

  private func mapping(_ node: Node, _ what: String) throws(TopicFileError) -> Node.Mapping {
    guard case .mapping(let mapping) = node else {
      throw fault(node, "\(what) must be a mapping of names to values")
    }
    return mapping
  }

  private func scalar(_ node: Node, _ what: String) throws(TopicFileError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      throw fault(node, "\(what) must be a single value")
    }
    return scalar.string
  }

  private func fault(_ node: Node?, _ reason: String) -> TopicFileError {
    TopicFileError(file: file, line: node?.mark?.line, reason: reason)
  }

  private func quoted(_ text: String) -> String { "“\(text.count > 80 ? text.prefix(80) + "…" : text)”" }
}
