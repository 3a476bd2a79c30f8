import HTTPService
import ObjectStore
import Postgres
import Redis
import ServiceContract
import Settings

extension Settings {
  /// What stands before every operation of a service.
  func requestDeadline() throws(SettingError) -> RequestDeadline {
    RequestDeadline(longest: try self[\.services.deadline])
  }

  func requestClock(_ secrets: TrustSecrets) -> RequestClock { RequestClock(secrets, isLocal: isLocal) }

  /// The database that a setting names.
  func postgres(_ setting: KeyPath<DeclaredSettings, Setting<Secret>>, as service: String) throws(SettingError)
    -> PostgresConfiguration
  {
    let url = try self[setting].revealed
    do {
      return try PostgresConfiguration(url: url, applicationName: "kartoteka-\(service)")
    } catch { throw SettingError(DeclaredSettings()[keyPath: setting].declaration.name, "cannot be used: \(error)") }
  }

  /// The bucket of the cards' images.
  func cardImages() throws(SettingError) -> ObjectStore {
    let store: ObjectStoreConfiguration
    do {
      store = try ObjectStoreConfiguration(
        endpoint: try self[\.objectStore.endpoint], accessKey: try self[\.objectStore.accessKey],
        secretKey: try self[\.objectStore.secretKey].revealed, region: try self[\.objectStore.region])
    } catch { throw SettingError("S3_ENDPOINT", "cannot be used: \(error)") }
    do {
      return try ObjectStore(store, bucket: try self[\.objectStore.bucketCards])
    } catch { throw SettingError("S3_BUCKET_CARDS", "cannot be used: \(error)") }
  }

  func redis() throws(SettingError) -> RedisConfiguration {
    do {
      return try RedisConfiguration(url: try self[\.redis.url].revealed)
    } catch { throw SettingError("REDIS_URL", "cannot be used: \(error)") }
  }
}
