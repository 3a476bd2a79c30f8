import JSON
import NIOCore

/// JSON written straight into the buffer that is sent. Commas, quotes and digits are made here and nowhere else.
///
/// A comma is due exactly when a value has been written since the last bracket or name, so one flag is all there is to know.
/// Members and elements come through ``JSONObjectWriter`` and ``JSONArrayWriter``, which cannot be mixed up.
package struct JSONOutput {
  /// What has been written.
  package internal(set) var buffer: ByteBuffer
  private var isCommaDue = false

  /// - Parameter buffer: written from its writer index on.
  package init(_ buffer: ByteBuffer = ByteBuffer()) {
    self.buffer = buffer
  }

  /// Ends the body as a line, and gives it away; the output is empty then, so that nothing is copied.
  mutating func takeLine() -> ByteBuffer {
    buffer.writeInteger(UInt8(ascii: "\n"))
    return take().buffer
  }

  package mutating func object(_ members: (inout JSONObjectWriter) throws -> Void) rethrows {
    open(UInt8(ascii: "{"))
    var writer = JSONObjectWriter(output: take())
    defer { self = writer.output }
    try members(&writer)
    writer.output.close(UInt8(ascii: "}"))
  }

  package mutating func array(_ elements: (inout JSONArrayWriter) throws -> Void) rethrows {
    open(UInt8(ascii: "["))
    var writer = JSONArrayWriter(output: take())
    defer { self = writer.output }
    try elements(&writer)
    writer.output.close(UInt8(ascii: "]"))
  }

  /// A member's name; its value must be written next.
  mutating func name(_ name: StaticString) {
    let first = isCommaDue ? 1 : 0
    name.withUTF8Buffer { bytes in
      assert(!bytes.contains(where: JSONText.mustEscape), "the name of a member has no escapes")
      // In one go: a buffer looks at itself anew for each write.
      let count = first + bytes.count + 3
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { out in
        if first == 1 { out[0] = UInt8(ascii: ",") }
        out[first] = UInt8(ascii: "\"")
        UnsafeMutableRawBufferPointer(rebasing: out[(first + 1)...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
        out[count - 2] = UInt8(ascii: "\"")
        out[count - 1] = UInt8(ascii: ":")
        return count
      }
    }
    isCommaDue = false
  }

  /// A member's name that is known only now.
  mutating func name(_ name: String) {
    string(name)
    buffer.writeInteger(UInt8(ascii: ":"))
    isCommaDue = false
  }

  /// Leaves an empty output behind, so that the buffer has one owner and is not copied when it is written to.
  private mutating func take() -> JSONOutput {
    var taken = JSONOutput()
    swap(&taken, &self)
    return taken
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    buffer.writeInteger(bracket)
    isCommaDue = false
  }

  private mutating func close(_ bracket: UInt8) {
    buffer.writeInteger(bracket)
    isCommaDue = true
  }

  /// Goes before every element, and every name.
  mutating func separate() {
    if isCommaDue { buffer.writeInteger(UInt8(ascii: ",")) }
    isCommaDue = true
  }
}
