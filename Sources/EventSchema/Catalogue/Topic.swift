/// A Kafka topic that carries events.
public enum Topic: String, CaseIterable, Sendable, Hashable {
  case learning = "learning.events"
  case course = "course.events"
  case content = "content.events"
  case user = "user.events"

  /// The topic's name in Kafka.
  public var name: String { rawValue }
}
