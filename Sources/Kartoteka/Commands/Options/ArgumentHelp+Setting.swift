import ArgumentParser
import Settings

extension ArgumentHelp {
  /// The help of a flag that goes before a setting's variable: its meaning, its variable and its default.
  static func setting<Value>(
    _ path: KeyPath<DeclaredSettings, Setting<Value>>, valueName: String? = nil
  ) -> ArgumentHelp {
    let declared = DeclaredSettings()[keyPath: path].declaration
    let fallback =
      declared.defaultText.isEmpty ? declared.absence.map { "without it: \($0)" } : "default \(declared.defaultText)"
    let variable = [declared.name, fallback].compactMap(\.self).joined(separator: ", ")
    return ArgumentHelp("\(declared.meaning) (\(variable))", valueName: valueName)
  }
}
