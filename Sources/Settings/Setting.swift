/// A setting that is declared: once, in `DeclaredSettings`, with all that reading, `--help`, `.env.example` and the settings
/// page need of it.
package struct Setting<Value: Sendable>: DeclaredSetting {
  package let declaration: SettingDeclaration
  let read: @Sendable (Settings, String?) throws(SettingError) -> Value

  package func check(in settings: Settings) throws(SettingError) { _ = try settings[self] }

  /// A setting with a default, which is written and read as the environment's value would be.
  package init(
    _ name: String, _ form: SettingForm<Value>, default fallback: String, by readers: [SettingReader],
    _ meaning: String
  ) {
    declaration = SettingDeclaration(
      name: name, form: form.description, defaultText: fallback, absence: nil, meaning: meaning, readers: readers,
      isSecret: false)
    read = { _, text throws(SettingError) in try form.parse(name, text ?? fallback) }
  }

  /// A setting that may be left out.
  /// - Parameter absence: what then holds.
  package init<Wrapped>(
    _ name: String, _ form: SettingForm<Wrapped>, absent absence: String, by readers: [SettingReader],
    _ meaning: String
  ) where Value == Wrapped? {
    declaration = SettingDeclaration(
      name: name, form: form.description, defaultText: "", absence: absence, meaning: meaning, readers: readers,
      isSecret: false)
    read = { _, text throws(SettingError) in
      guard let text else { return nil }
      return try form.parse(name, text)
    }
  }
}

extension Setting where Value == Secret {
  /// A secret whose well-known default is accepted on the local platform only.
  package init(
    _ name: String, _ form: SettingForm<Secret> = .secret, localDefault: String, by readers: [SettingReader],
    _ meaning: String
  ) {
    declaration = SettingDeclaration(
      name: name, form: form.description, defaultText: localDefault, absence: nil, meaning: meaning, readers: readers,
      isSecret: true)
    read = { settings, text throws(SettingError) in
      let value = text ?? localDefault
      if !settings.isLocal, value == localDefault {
        let state = text == nil ? "is not set" : "is still the local platform's default"
        throw SettingError(name, "\(state), and KARTOTEKA_ENV is not local: choose a secret of your own")
      }
      return try form.parse(name, value)
    }
  }
}
