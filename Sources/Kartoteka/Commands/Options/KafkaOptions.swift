import ArgumentParser
import Settings

/// Where Kafka is, for every command that asks it.
struct KafkaOptions: ParsableArguments {
  @Option(help: .setting(\.kafka.brokers, valueName: "list"))
  var brokers: String?

  func laid(over settings: Settings) -> Settings { settings.overriding(\.kafka.brokers, with: brokers) }
}
