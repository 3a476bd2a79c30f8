import ClickHouse
import EventSchema
import Kafka
import Settings

extension Settings {
  /// `KAFKA_BROKERS`, and in `KAFKA_PROPERTIES` librdkafka's own properties as comma-separated `name=value` pairs.
  func kafka() throws(SettingError) -> KafkaConfiguration {
    var properties: [String: String] = [:]
    for pair in try self[\.kafka.properties] {
      guard let equals = pair.firstIndex(of: "=") else {
        throw SettingError("KAFKA_PROPERTIES", "wants name=value pairs, comma-separated; “\(pair)” is none")
      }
      properties[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    let configuration = KafkaConfiguration(brokers: try self[\.kafka.brokers], properties: properties)
    if let refusal = configuration.refusal { throw SettingError("KAFKA_PROPERTIES", "cannot be used: \(refusal)") }
    return configuration
  }

  /// The writer's way to ClickHouse.
  func clickHouseWriter() throws(SettingError) -> ClickHouseConfiguration {
    try clickHouse(
      user: try self[\.clickHouse.userWriter], password: try self[\.clickHouse.passwordWriter],
      database: try self[\.clickHouse.database])
  }

  /// The reader's way to ClickHouse.
  func clickHouseReader() throws(SettingError) -> ClickHouseConfiguration {
    try clickHouse(
      user: try self[\.clickHouse.userReader], password: try self[\.clickHouse.passwordReader],
      database: try self[\.clickHouse.database])
  }

  func clickHouse(
    user: String, password: Secret, database: String
  ) throws(SettingError) -> ClickHouseConfiguration {
    let address = try self[\.clickHouse.url]
    do {
      return try ClickHouseConfiguration(url: address, database: database, user: user, password: password.revealed)
    } catch { throw SettingError("CLICKHOUSE_URL", "is no address of a ClickHouse server: \(error)") }
  }

  /// What happens to e-mail addresses.
  func events() throws(SettingError) -> EventSettings {
    guard let key = EventSettings.parseKey(try self[\.email.hashKey].revealed) else {
      throw SettingError("EMAIL_HASH_KEY", "must be 32 hexadecimal digits")
    }
    return EventSettings(emailHashKey: key, keepsEmail: try self[\.email.keepsAddresses])
  }
}
