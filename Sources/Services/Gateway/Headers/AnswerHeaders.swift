import NIOHTTP1

/// What the headers of a service's answer become on their way to the client.
package enum AnswerHeaders {
  /// What is for the hop to the gateway only is left out, and what the gateway says itself.
  package static func pass(_ original: HTTPHeaders, to headers: inout some FieldSink) {
    let options = ConnectionOptions(original)
    for (name, value) in original {
      if HopByHop.contains(name) || options.name(name) { continue }
      switch name.utf8.count {
      case 12 where FieldName.equals(name, "x-request-id"): continue
      case 22... where FieldName.hasPrefix(name, "access-control-"): continue
      default: headers.add(name: name, value: value)
      }
    }
  }

  package static func isEventStream(_ headers: HTTPHeaders) -> Bool {
    guard let type = headers.first(name: "content-type") else { return false }
    let name = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    return FieldName.isSame("text/event-stream", Substring(name))
  }
}
