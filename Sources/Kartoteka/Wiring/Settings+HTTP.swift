import HTTPService
import Settings

extension Settings {
  func connectionLimits() throws(SettingError) -> ConnectionLimits {
    ConnectionLimits(
      connectionsPerAddress: try self[\.http.connectionsPerAddress], connections: try self[\.http.connections])
  }
}
