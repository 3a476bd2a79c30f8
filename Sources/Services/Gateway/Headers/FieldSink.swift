import NIOHTTP1

/// What fields of a message are added to.
package protocol FieldSink {
  mutating func add(name: String, value: String)
}

extension HTTPHeaders: FieldSink {}
