import ClickHouse
import EventSchema
import Kafka
import Settings

extension Settings {
  /// `KAFKA_BROKERS`, and in `KAFKA_PROPERTIES` librdkafka's own properties as comma-separated `name=value` pairs.
  func kafka() throws(SettingError) -> KafkaConfiguration {
    var properties: [String: String] = [:]
    for pair in list("KAFKA_PROPERTIES") {
      guard let equals = pair.firstIndex(of: "=") else {
        throw SettingError("KAFKA_PROPERTIES", "wants name=value pairs, comma-separated; “\(pair)” is none")
      }
      properties[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    return KafkaConfiguration(brokers: text("KAFKA_BROKERS", default: "localhost:9092"), properties: properties)
  }

  /// The writer's way to ClickHouse.
  func clickHouseWriter() throws(SettingError) -> ClickHouseConfiguration {
    try clickHouse(
      user: text("CLICKHOUSE_USER_WRITER", default: "analytics_writer"),
      password: try secret("CLICKHOUSE_PASSWORD_WRITER", localDefault: "writer-local"))
  }

  /// The reader's way to ClickHouse.
  func clickHouseReader() throws(SettingError) -> ClickHouseConfiguration {
    try clickHouse(
      user: text("CLICKHOUSE_USER_READER", default: "analytics_reader"),
      password: try secret("CLICKHOUSE_PASSWORD_READER", localDefault: "reader-local"))
  }

  private func clickHouse(user: String, password: Secret) throws(SettingError) -> ClickHouseConfiguration {
    let address = text("CLICKHOUSE_URL", default: "http://localhost:8123")
    do {
      return try ClickHouseConfiguration(
        url: address, database: text("CLICKHOUSE_DATABASE", default: "analytics"), user: user,
        password: password.revealed)
    } catch { throw SettingError("CLICKHOUSE_URL", "is no address of a ClickHouse server: \(error)") }
  }

  /// What happens to e-mail addresses.
  func events() throws(SettingError) -> EventSettings {
    let text = try secret("EMAIL_HASH_KEY", localDefault: "6b6172746f74656b612d6c6f63616c21").revealed
    guard let key = EventSettings.parseKey(text) else {
      throw SettingError("EMAIL_HASH_KEY", "must be 32 hexadecimal digits")
    }
    return EventSettings(emailHashKey: key, keepsEmail: try flag("EMAIL_KEEP_ADDRESSES", default: false))
  }
}
