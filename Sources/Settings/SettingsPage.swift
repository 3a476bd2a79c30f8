/// The declared settings as people read them. `.env.example` and docs/settings.md are these texts; a test compares.
package enum SettingsPage {
  /// `.env.example`.
  package static func environmentFile() -> String {
    var text = """
      # Every setting with its default, printed by `kartoteka settings --format env`. Copy to .env to change some: `make demo`,
      # `make run` and `scripts/servers` read it, and the environment wins over it. Commands run by hand read the environment
      # only: set -a; . ./.env; set +a

      """
    for group in DeclaredSettings().groups {
      text += "\n# --- \(type(of: group).title) ---\n"
      for declaration in group.settings.map(\.declaration) {
        let absence = declaration.absence.map { " Without it: \($0)." } ?? ""
        for line in wrapped(sentence(declaration) + absence, width: 116) { text += "# \(line)\n" }
        text += "# \(declaration.name)=\(declaration.defaultText)\n"
      }
    }
    return text
  }

  /// docs/settings.md.
  package static func markdown() -> String {
    var text = """
      # Settings

      Environment variables; a flag of a command goes before its variable, and an empty variable counts as absent. A value
      that cannot be used ends the program at its start with one sentence that names the variable. Times are written with
      their unit (`250ms`, `1.5s`, `10m`, `2h`, `30d`), sizes with one or none (`65536`, `64KiB`, `8MiB`, `1GiB`).

      Secrets (marked *secret*) have a well-known default for the local platform, which is refused where `KARTOTEKA_ENV` is
      not `local`; they are never logged. Read by: a role of `kartoteka`, or `scripts` of the local platform.

      This page is printed by `kartoteka settings --format markdown`.

      """
    for group in DeclaredSettings().groups {
      text +=
        "\n## \(type(of: group).title)\n| variable | default | form | meaning | read by |\n|---|---|---|---|---|\n"
      for declaration in group.settings.map(\.declaration) {
        let fallback = declaration.defaultText.isEmpty ? declaration.absence ?? "–" : "`\(declaration.defaultText)`"
        let form = declaration.isSecret ? "*secret*" : declaration.form
        let readers = declaration.readers.map(\.rawValue).joined(separator: ", ")
        text += "| `\(declaration.name)` | \(fallback) | \(form) | \(declaration.meaning) | \(readers) |\n"
      }
    }
    return text
  }

  /// The part of a command's `--help`, or of all settings for people.
  /// - Parameter reader: only what this role reads.
  package static func text(readBy reader: SettingReader? = nil) -> String {
    let declarations = DeclaredSettings().groups.flatMap { $0.settings.map(\.declaration) }
      .filter { reader.map($0.readers.contains) ?? true }
    return declarations.map { declaration in
      let fallback = declaration.defaultText.isEmpty ? "(\(declaration.absence ?? "empty"))" : declaration.defaultText
      // `--help` is 80 columns wide.
      let meaning = wrapped(sentence(declaration), width: 74).map { "      \($0)" }.joined(separator: "\n")
      return "  \(declaration.name)  \(fallback)\n\(meaning)"
    }.joined(separator: "\n")
  }

  /// The meaning, and what may be written where that is not plain.
  private static func sentence(_ declaration: SettingDeclaration) -> String {
    let plain: Set<String> = [
      SettingForm.text.description, SettingForm.url.description, SettingForm.secret.description,
      SettingForm.flag.description, SettingForm.port(allowsAny: false).description, SettingForm.list.description,
    ]
    return plain.contains(declaration.form) ? declaration.meaning : "\(declaration.meaning) [\(declaration.form)]"
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    text.split(separator: " ").reduce(into: []) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
