import CivilTime

/// A value that JSON has a form for.
package protocol JSONWritable: Sendable {
  func write(to output: inout JSONOutput)
}

extension String: JSONWritable {
  package func write(to output: inout JSONOutput) { output.string(self) }
}

extension Bool: JSONWritable {
  package func write(to output: inout JSONOutput) { output.boolean(self) }
}

extension Int: JSONWritable {
  package func write(to output: inout JSONOutput) { output.integer(self) }
}

extension Int64: JSONWritable {
  package func write(to output: inout JSONOutput) { output.integer(self) }
}

extension Double: JSONWritable {
  package func write(to output: inout JSONOutput) { output.number(self) }
}

extension Instant: JSONWritable {
  package func write(to output: inout JSONOutput) { output.moment(self) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
  package func write(to output: inout JSONOutput) {
    if let self { self.write(to: &output) } else { output.null() }
  }
}
