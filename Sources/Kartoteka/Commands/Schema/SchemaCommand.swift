import ArgumentParser
import EventSchema

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the event catalogue as JSON Schema (draft 2020-12).",
    discussion: """
      The schema is made from the same declaration the collector decodes by and producers encode from: the envelope, and \
      one definition per event type under "$defs", with its topic and key rule in words. It goes to standard output:

        kartoteka schema > events.schema.json

      What JSON Schema cannot express stays with the collector: the last of a duplicated key wins, times lie between \
      2000-01-01 and a day after the message's Kafka timestamp, a message is at most 1 MiB and nests at most 64 deep.
      """)

  @Flag(help: "Print the names of the event types instead, one a line: type, topic, version.")
  var list = false

  func run() {
    if list {
      for event in Catalogue.v1.events { print(event.type.name, event.topic.name, event.version, separator: "\t") }
    } else {
      print(JSONSchema.document(), terminator: "")
    }
  }
}
