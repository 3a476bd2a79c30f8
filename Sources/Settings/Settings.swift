import Foundation

/// Settings by environment variable, flags laid over them, read through their declarations (`DeclaredSettings`) with a
/// clear error for each unusable value.
///
/// An empty variable counts as absent, as `NAME=` in an `.env` file means to say.
package struct Settings: Sendable {
  private var values: [String: String]

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    values = environment.filter { !$0.value.isEmpty }
  }

  /// The setting's value: the variable's, or the declared default.
  /// - Throws: `SettingError` when the variable holds what cannot be used.
  package subscript<Value>(_ path: KeyPath<DeclaredSettings, Setting<Value>>) -> Value {
    get throws(SettingError) { try self[DeclaredSettings()[keyPath: path]] }
  }

  package subscript<Value>(_ setting: Setting<Value>) -> Value {
    get throws(SettingError) { try setting.read(self, values[setting.declaration.name]) }
  }

  /// Whether somebody has set it; it may still be set to its default.
  package func isSet<Value>(_ path: KeyPath<DeclaredSettings, Setting<Value>>) -> Bool {
    values[DeclaredSettings()[keyPath: path].declaration.name] != nil
  }

  /// These settings with `text` in place of the variable; `nil` leaves what was there. Command-line flags come in this way.
  package func overriding<Value>(_ path: KeyPath<DeclaredSettings, Setting<Value>>, with text: String?) -> Settings {
    guard let text else { return self }
    var copy = self
    copy.values[DeclaredSettings()[keyPath: path].declaration.name] = text
    return copy
  }

  /// `true` on the platform one developer runs on one machine (`KARTOTEKA_ENV=local`, the default): only there are the
  /// well-known default secrets accepted.
  package var isLocal: Bool {
    let declared = DeclaredSettings().platform.environment.declaration
    return (values[declared.name] ?? declared.defaultText) == declared.defaultText
  }
}
