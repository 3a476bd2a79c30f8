import NIOHTTP1

/// Which of the fields that the gateway looks at a request has, found in one walk over all: most have few of them, and each
/// look for one compares every name.
struct FieldsPresent: OptionSet {
  let rawValue: Int

  static let framing = FieldsPresent(rawValue: 1)
  static let expect = FieldsPresent(rawValue: 2)
  static let connection = FieldsPresent(rawValue: 4)
  static let authorization = FieldsPresent(rawValue: 8)
  static let requestID = FieldsPresent(rawValue: 16)
  static let forwardedFor = FieldsPresent(rawValue: 32)
  static let trace = FieldsPresent(rawValue: 64)
  static let origin = FieldsPresent(rawValue: 128)

  init(rawValue: Int) { self.rawValue = rawValue }

  /// - Parameter hosts: how many `Host` there are.
  init(_ headers: HTTPHeaders, hosts: inout Int) {
    self = []
    for (name, _) in headers {
      switch name.utf8.count {
      case 4: if FieldName.equals(name, "host") { hosts += 1 }
      case 6:
        if FieldName.equals(name, "expect") { insert(.expect) }
        if FieldName.equals(name, "origin") { insert(.origin) }
      case 10: if FieldName.equals(name, "connection") { insert(.connection) }
      case 11: if FieldName.equals(name, "traceparent") { insert(.trace) }
      case 12: if FieldName.equals(name, "x-request-id") { insert(.requestID) }
      case 13: if FieldName.equals(name, "authorization") { insert(.authorization) }
      case 14: if FieldName.equals(name, "content-length") { insert(.framing) }
      case 15: if FieldName.equals(name, "x-forwarded-for") { insert(.forwardedFor) }
      case 17: if FieldName.equals(name, "transfer-encoding") { insert(.framing) }
      default: break
      }
    }
  }
}
