import Foundation
import JSON

/// How a value is written: in words for people, and as the reading of it.
package struct SettingForm<Value: Sendable>: Sendable {
  package let description: String
  /// Takes the setting's name, for the error, and the text.
  let parse: @Sendable (String, String) throws(SettingError) -> Value
}

extension SettingForm where Value == String {
  package static var text: SettingForm { SettingForm(description: "text") { _, text throws(SettingError) in text } }

  /// One of a few words; upper case is taken for lower case.
  package static func choice(_ allowed: [String]) -> SettingForm {
    let list = allowed.joined(separator: ", ")
    return SettingForm(description: "one of \(list)") { name, text throws(SettingError) in
      let word = text.lowercased()
      guard allowed.contains(word) else { throw SettingError(name, "must be one of \(list), not \(shown(text))") }
      return word
    }
  }

  /// An absolute `http` or `https` URL with a host and without a password in it.
  package static var url: SettingForm {
    SettingForm(description: "http or https URL") { name, text throws(SettingError) in
      guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme.lowercased()),
        url.host?.isEmpty == false
      else { throw SettingError(name, "is not an http or https URL: \(shown(text))") }
      guard url.password == nil else {
        throw SettingError(name, "carries a password; give it in the variable meant for it instead")
      }
      return text
    }
  }
}

extension SettingForm where Value == Secret {
  package static var secret: SettingForm {
    SettingForm(description: "secret") { _, text throws(SettingError) in Secret(text) }
  }

  /// A URL that may carry a password, so that it is never shown; whoever connects by it reads it, and says what is wrong.
  package static func secretURL(scheme: String) -> SettingForm {
    SettingForm(description: "\(scheme) URL") { name, text throws(SettingError) in
      guard text.hasPrefix("\(scheme)://") else { throw SettingError(name, "must begin with \(scheme)://") }
      return Secret(text)
    }
  }
}

extension SettingForm where Value == Int {
  package static func integer(in range: ClosedRange<Int>) -> SettingForm {
    SettingForm(description: "whole number, \(range.lowerBound) to \(range.upperBound)") {
      name, text throws(SettingError) in
      guard let number = Int(text) else { throw SettingError(name, "is not a whole number: \(shown(text))") }
      guard range.contains(number) else {
        throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
      }
      return number
    }
  }

  /// - Parameter allowsAny: 0 is accepted, and stands for any free port.
  package static func port(allowsAny: Bool) -> SettingForm {
    let number = SettingForm.integer(in: (allowsAny ? 0 : 1)...65535)
    return SettingForm(description: allowsAny ? "port; 0: any free one" : "port", parse: number.parse)
  }

  /// A size in bytes with an optional unit: `65536`, `64KiB`, `8MiB`, `1GiB`.
  package static func bytes(in range: ClosedRange<Int>) -> SettingForm {
    let bounds = "\(SizeText.text(range.lowerBound)) to \(SizeText.text(range.upperBound))"
    return SettingForm(description: "bytes, \(bounds)") { name, text throws(SettingError) in
      guard let bytes = SizeText.bytes(text) else {
        throw SettingError(name, "is not a size in bytes (65536, 64KiB, 8MiB, 1GiB): \(shown(text))")
      }
      guard range.contains(bytes) else {
        throw SettingError(name, "must be from \(range.lowerBound) to \(range.upperBound) bytes, not \(shown(text))")
      }
      return bytes
    }
  }
}

extension SettingForm where Value == Duration {
  /// A time with its unit: `250ms`, `1.5s`, `10m`, `2h`, `30d`.
  package static func duration(in range: ClosedRange<Duration>) -> SettingForm {
    let (shortest, longest) = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
    return SettingForm(description: "time, \(shortest) to \(longest)") { name, text throws(SettingError) in
      guard let duration = DurationText.duration(text) else {
        throw SettingError(name, "is not a time with its unit (250ms, 1s, 10m, 2h, 30d): \(shown(text))")
      }
      guard range.contains(duration) else {
        throw SettingError(name, "must be from \(shortest) to \(longest), not \(shown(text))")
      }
      return duration
    }
  }
}

extension SettingForm where Value == Bool {
  package static var flag: SettingForm {
    SettingForm(description: "true or false") { name, text throws(SettingError) in
      switch text.lowercased() {
      case "1", "true", "yes", "on": return true
      case "0", "false", "no", "off": return false
      default: throw SettingError(name, "must be true or false, not \(shown(text))")
      }
    }
  }
}

extension SettingForm where Value == [String] {
  /// Blanks around an item are dropped, empty items too.
  package static var list: SettingForm {
    SettingForm(description: "comma-separated list") { _, text throws(SettingError) in
      text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
  }
}

/// A foreign value in an error message: short, in quotes, with nothing in it that a terminal obeys.
private func shown(_ value: String) -> String { "“\(ForeignText.shown(value))”" }
