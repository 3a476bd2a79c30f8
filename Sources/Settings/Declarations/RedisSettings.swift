package struct RedisSettings: SettingGroup {
  package static let title = "Redis"

  package let url = Setting(
    "REDIS_URL", .secretURL(scheme: "redis"), default: "redis://localhost:6378",
    by: [.gateway, .auth, .decks, .scripts],
    "Address of Redis, which may carry user:password@ and end in /database. If set, the scripts start none.")
}
