import NIOHTTP1

/// What the headers of a service's answer become on their way to the client.
package enum AnswerHeaders {
  /// What is for the hop to the gateway only is left out, and what the gateway says itself.
  package static func passedOn(_ original: HTTPHeaders, reserving extra: Int) -> HTTPHeaders {
    let options = ConnectionOptions(original)
    var headers = HTTPHeaders()
    headers.reserveCapacity(original.count + extra)
    for (name, value) in original {
      if HopByHop.contains(name) || options.name(name) { continue }
      switch name.utf8.count {
      case 12 where FieldName.equals(name, "x-request-id"): continue
      case 22... where FieldName.hasPrefix(name, "access-control-"): continue
      default: headers.add(name: name, value: value)
      }
    }
    return headers
  }

  package static func isEventStream(_ headers: HTTPHeaders) -> Bool {
    guard let type = headers.first(name: "content-type") else { return false }
    return FieldName.isSame(String(type.prefix { $0 != ";" && $0 != " " }), "text/event-stream")
  }
}
