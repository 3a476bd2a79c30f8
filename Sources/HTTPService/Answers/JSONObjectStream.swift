import NIOCore

/// A JSON object that is written member after member, its arrays an element at a time, where what it says comes in pages.
package struct JSONObjectStream {
  private var buffer = ByteBuffer()
  private var isCommaDue = false

  package init() { buffer.writeInteger(UInt8(ascii: "{")) }

  /// How long it is until now.
  package var byteCount: Int { buffer.readableBytes }

  package mutating func member<Value>(_ name: StaticString, _ value: Value, as representation: Representation<Value>) {
    self.name(name)
    write(value, representation)
    isCommaDue = true
  }

  /// A member whose value is JSON already.
  package mutating func member(_ name: StaticString, json: some Sequence<UInt8>) {
    self.name(name)
    buffer.writeBytes(json)
    isCommaDue = true
  }

  package mutating func beginArray(_ name: StaticString) {
    self.name(name)
    buffer.writeInteger(UInt8(ascii: "["))
    isCommaDue = false
  }

  /// Of the array that was begun last.
  package mutating func element<Value>(_ value: Value, as representation: Representation<Value>) {
    separate()
    write(value, representation)
    isCommaDue = true
  }

  package mutating func endArray() {
    buffer.writeInteger(UInt8(ascii: "]"))
    isCommaDue = true
  }

  /// The whole, as a line.
  package consuming func end() -> ByteBuffer {
    buffer.writeStaticString("}\n")
    return buffer
  }

  private mutating func name(_ name: StaticString) {
    separate()
    buffer.writeStaticString("\"")
    buffer.writeStaticString(name)
    buffer.writeStaticString("\":")
  }

  private mutating func separate() {
    if isCommaDue { buffer.writeInteger(UInt8(ascii: ",")) }
  }

  private mutating func write<Value>(_ value: Value, _ representation: Representation<Value>) {
    var output = JSONOutput()
    // Not copied: the buffer has one owner at any time.
    swap(&output.buffer, &buffer)
    representation.write(value, &output)
    swap(&output.buffer, &buffer)
  }
}
