import ArgumentParser
import Blocking
import Foundation
import JSON
import Kafka
import Settings
import Topics

struct TopicsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topics",
    abstract: "Kafka's topics as kafka/topics.yaml declares them.",
    discussion: """
      Topics that exist are adopted; partitions are only ever added; topics and configuration that the file does not \
      name are left alone. Any number of runs at once do no harm.

      Settings come from the environment; a flag overrides its variable.
      \(SettingsPage.text(readBy: .topics))
      """,
    subcommands: [PlanTopics.self, ApplyTopics.self, ListTopics.self])
}

/// What the three have in common.
struct TopicsOptions: ParsableArguments {
  @Option(help: "The topics file (default kafka/topics.yaml, here or in the checkout of this program).")
  var file: String?
  @OptionGroup var kafka: KafkaOptions
  @Option(help: .setting(\.kafka.replicationFactor, valueName: "n"))
  var replicationFactor: String?
  @Flag(help: "Print JSON.")
  var json = false

  private var settings: Settings {
    kafka.laid(over: Settings()).overriding(\.kafka.replicationFactor, with: replicationFactor)
  }

  func topicFile() throws -> TopicFile {
    guard let path = file ?? CheckoutPath.find("kafka/topics.yaml") else {
      throw ValidationError(
        "There is no kafka/topics.yaml here; run this in the checkout, or name the file with --file.")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TopicFileError(file: path, line: nil, reason: "cannot be read")
    }
    let topics = try TopicFile(yaml: String(decoding: data, as: UTF8.self), file: path)
    return try settings[\.kafka.replicationFactor].map(topics.replicated) ?? topics
  }

  func cluster() throws -> KafkaAdmin { try KafkaAdmin(try settings.kafka()) }

  func reconciler() throws -> TopicReconciler<KafkaAdmin> {
    TopicReconciler(file: try topicFile(), cluster: try cluster()) { BlockingThread.sleep(.milliseconds(500)) }
  }

  func printJSON(_ report: some Encodable) throws {
    print(try EncodedJSON.document(report, keys: .camelCase))
  }
}

struct PlanTopics: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show how the cluster differs from the file, and change nothing.",
    discussion: "Exit status: 0 no difference, 2 some, 1 something that apply refuses, or a failure.")

  @OptionGroup var options: TopicsOptions

  func work() throws {
    let plan = try options.reconciler().plan()
    if options.json {
      try options.printJSON(TopicsReport(plan: plan))
    } else {
      for change in plan.changes { print("change   \(change)") }
      for refusal in plan.refusals { print("refused  \(refusal)") }
      for note in plan.notes { print("note     \(note)") }
      if plan.changes.isEmpty, plan.refusals.isEmpty { print("No differences: the topics are as the file says.") }
    }
    if !plan.refusals.isEmpty { throw ExitCode(1) }
    if !plan.changes.isEmpty { throw ExitCode(2) }
  }
}

struct ApplyTopics: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Create topics, add partitions and set configuration until the cluster is as the file.",
    discussion: """
      Reads everything back before it reports success. Nothing is done while the plan has a refusal. Exit status: 0 the \
      topics are as the file says, 1 they are not.
      """)

  @OptionGroup var options: TopicsOptions

  func work() throws {
    let outcome = try options.reconciler().apply { change in
      if !options.json { print("done     \(change)") }
    }
    let plan = outcome.remaining
    if options.json {
      try options.printJSON(TopicsReport(outcome: outcome))
    } else {
      for failure in outcome.failures { print("failed   \(failure)") }
      for change in plan.changes where !outcome.unconfirmed.contains(change) { print("open     \(change)") }
      for change in outcome.unconfirmed { print("note     the broker took but does not show: \(change)") }
      for refusal in plan.refusals { print("refused  \(refusal)") }
      for note in plan.notes { print("note     \(note)") }
      if outcome.isComplete { print("The topics are as the file says.") }
    }
    if !outcome.isComplete { throw ExitCode(1) }
  }
}

struct ListTopics: BlockingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the cluster's topics; those of the file with their retention.")

  @OptionGroup var options: TopicsOptions

  func work() throws {
    let declared = Set(try options.topicFile().topics.map(\.name))
    let states = try options.cluster().states(configurationOf: declared)
    let rows = states.map { TopicsReport.Row($0, declared: declared.contains($0.name)) }
    if options.json { return try options.printJSON(rows) }
    let width = (rows.map(\.topic.count) + [5]).max() ?? 5
    func line(_ topic: String, _ rest: [String]) {
      let columns = [topic.padding(toLength: width, withPad: " ", startingAt: 0)]
      print((columns + rest.map { $0.padding(toLength: 12, withPad: " ", startingAt: 0) }).joined(separator: "  "))
    }
    line("topic", ["partitions", "replication", "retention", "cleanup", "in the file"])
    for row in rows {
      line(
        row.topic,
        [
          String(row.partitions), String(row.replicationFactor), row.retention ?? "-", row.cleanupPolicy ?? "-",
          row.declared ? "yes" : "no",
        ])
    }
  }
}
