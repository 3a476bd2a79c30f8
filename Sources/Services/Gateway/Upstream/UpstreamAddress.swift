import Foundation
import Settings

/// Where a service is reached: by HTTP, at a host and port of its own.
package struct UpstreamAddress: Sendable, Equatable {
  package let host: String
  package let port: Int

  /// - Parameters:
  ///   - url: `http://host:port`, without a path.
  ///   - setting: that has it, for the error.
  package init(_ url: String, setting: String) throws(SettingError) {
    guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "http", let host = parts.host,
      !host.isEmpty, ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil, parts.user == nil
    else {
      throw SettingError(setting, "must be http://host:port: the gateway speaks plain HTTP to the services")
    }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = parts.port ?? 80
  }

  /// As `Host` has it.
  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
