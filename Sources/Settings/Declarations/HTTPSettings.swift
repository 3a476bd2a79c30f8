package struct HTTPSettings: SettingGroup {
  package static let title = "HTTP servers of all roles"

  package let connections = Setting(
    "HTTP_CONNECTIONS", .integer(in: 1...100_000), default: "900",
    by: [.collector, .analytics, .gateway, .auth, .users, .decks, .teaching],
    "Connections open at once; further ones are answered 503. Each takes an open file.")
  package let connectionsPerAddress = Setting(
    "HTTP_CONNECTIONS_PER_ADDRESS", .integer(in: 1...100_000), default: "512",
    by: [.collector, .analytics, .gateway, .auth, .users, .decks, .teaching],
    "Connections of one address open at once; behind a proxy all have the proxy's.")
}
