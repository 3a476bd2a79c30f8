/// Writes the elements of one array.
package struct JSONArrayWriter {
  var output: JSONOutput

  package mutating func element(_ value: some JSONWritable) { value.write(to: &output) }

  package mutating func object(_ members: (inout JSONObjectWriter) throws -> Void) rethrows {
    try output.object(members)
  }

  package mutating func array(_ elements: (inout JSONArrayWriter) throws -> Void) rethrows {
    try output.array(elements)
  }
}
