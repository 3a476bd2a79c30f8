/// Writes the members of one object.
package struct JSONObjectWriter {
  var output: JSONOutput

  package mutating func member(_ name: StaticString, _ value: some JSONWritable) {
    output.name(name)
    value.write(to: &output)
  }

  /// A member whose name is not known to the program, as an id that leads to its value.
  package mutating func member(named name: String, _ value: some JSONWritable) {
    output.name(name)
    value.write(to: &output)
  }

  /// A string of bytes that are valid UTF-8.
  package mutating func member(_ name: StaticString, utf8 bytes: UnsafeBufferPointer<UInt8>) {
    output.name(name)
    output.string(utf8: bytes)
  }

  package mutating func object(
    _ name: StaticString, _ members: (inout JSONObjectWriter) throws -> Void
  ) rethrows {
    output.name(name)
    try output.object(members)
  }

  package mutating func array(_ name: StaticString, _ elements: (inout JSONArrayWriter) throws -> Void) rethrows {
    output.name(name)
    try output.array(elements)
  }
}
