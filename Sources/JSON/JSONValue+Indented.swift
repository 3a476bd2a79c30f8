extension JSONValue {
  /// The value as JSON text for people, indented by two blanks.
  package var indentedText: String {
    var out = ""
    write(to: &out, indent: 0)
    return out
  }

  private func write(to out: inout String, indent: Int) {
    let inner = String(repeating: " ", count: indent + 2)
    let outer = String(repeating: " ", count: indent)
    switch self {
    case .array(let values) where !values.isEmpty:
      for (index, value) in values.enumerated() {
        out += index == 0 ? "[\n\(inner)" : ",\n\(inner)"
        value.write(to: &out, indent: indent + 2)
      }
      out += "\n\(outer)]"
    case .object(let members) where !members.isEmpty:
      for (index, member) in members.enumerated() {
        out += index == 0 ? "{\n\(inner)" : ",\n\(inner)"
        JSONText.append(member.name, to: &out)
        out += ": "
        member.value.write(to: &out, indent: indent + 2)
      }
      out += "\n\(outer)}"
    default: write(to: &out)
    }
  }
}
