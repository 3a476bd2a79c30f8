/// Every setting of every role and script, in the order in which `.env.example` and the settings page show them.
///
/// Nothing is read that is not declared here: `Settings` has no other way in, and a test looks for the names in the scripts.
package struct DeclaredSettings: Sendable {
  package let platform = PlatformSettings()
  package let clickHouse = ClickHouseSettings()
  package let kafka = KafkaSettings()
  package let objectStore = ObjectStoreSettings()
  package let redis = RedisSettings()
  package let databases = DatabaseSettings()
  package let localServers = LocalServerSettings()
  package let email = EmailSettings()
  package let collector = CollectorSettings()
  package let deadLetters = DeadLetterSettings()
  package let analytics = AnalyticsSettings()
  package let services = ServiceSettings()
  package let auth = AuthSettings()
  package let gateway = GatewaySettings()
  package let trust = TrustSettings()
  package let users = UsersSettings()
  package let players = PlayerSettings()
  package let http = HTTPSettings()
  package let logs = LogSettings()

  package init() {}

  /// The groups, in order.
  package var groups: [any SettingGroup] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any SettingGroup }
  }
}

/// Settings that belong together; every stored property is one.
package protocol SettingGroup: Sendable {
  static var title: String { get }
}

extension SettingGroup {
  /// In the order of declaration.
  package var settings: [any DeclaredSetting] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any DeclaredSetting }
  }
}
