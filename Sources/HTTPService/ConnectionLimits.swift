/// What a client may take of a server: time for each step of a request, and connections.
package struct ConnectionLimits: Sendable {
  /// From connecting, or from a request's first byte, to the end of its head.
  package var headTimeout = Duration.seconds(10)
  /// From the end of the head to the end of the body.
  package var bodyTimeout = Duration.seconds(30)
  /// How long an answer may wait for its reader to take any of it.
  package var writeTimeout = Duration.seconds(30)
  /// Between an answer and the next request.
  package var idleTimeout = Duration.seconds(120)
  /// Connections of one address. Behind a proxy all have the same one.
  package var connectionsPerAddress: Int
  /// Connections of all addresses.
  package var connections: Int

  package static let defaultConnectionsPerAddress = 512
  /// Below the usual limit of 1024 open files.
  package static let defaultConnections = 900

  package init(
    connectionsPerAddress: Int = defaultConnectionsPerAddress, connections: Int = defaultConnections
  ) {
    precondition(connectionsPerAddress > 0 && connections > 0, "a server that accepts somebody")
    self.connectionsPerAddress = connectionsPerAddress
    self.connections = connections
  }
}
