/// What a message turned out to be.
public enum Verdict: Sendable, Hashable {
  /// A valid event; its row was appended.
  case event(EventType)
  /// Not a valid event; nothing was appended.
  case invalid(Reason)
  /// The columns have no room for another row; nothing was looked at, nothing was appended.
  case full
}

/// Why a message is not a valid event. The raw values are stable: they are stored in `analytics.dead_letters` and name
/// metrics.
///
/// When several apply, one is chosen the same way every time:
/// 1. `tooLarge`, before anything is read;
/// 2. the first fault in the text, in byte order (`malformedJSON` … `nonFiniteNumber`);
/// 3. `notAnObject`;
/// 4. the first faulty field of the envelope, in the catalogue's order;
/// 5. the first faulty field of the payload, in the order of its type's definition.
public enum Reason: String, CaseIterable, Sendable, Hashable, BitwiseCopyable {
  /// Over 1 MiB.
  case tooLarge = "too_large"
  /// Not RFC 8259: grammar, control characters in strings, bytes after the value, a byte order mark, nothing at all.
  case malformedJSON = "malformed_json"
  /// A string that is not UTF-8.
  case invalidUTF8 = "invalid_utf8"
  /// A string with half a surrogate pair written as `\uD800` … `\uDFFF`.
  case loneSurrogate = "lone_surrogate"
  /// Objects and arrays nested deeper than 64; the envelope itself is 1.
  case tooDeep = "too_deep"
  /// `NaN`, `Infinity` or `-Infinity` where a value belongs.
  case nonFiniteNumber = "non_finite_number"
  /// JSON, but not an object.
  case notAnObject = "not_an_object"
  /// A required key is absent.
  case missingField = "missing_field"
  /// A value of another JSON type than the field's, null where one is required, or a fraction for an integer.
  case wrongType = "wrong_type"
  /// A number outside the field's bounds, or a time past 2105, where ClickHouse's `DateTime` ends.
  case outOfRange = "out_of_range"
  case badUUID = "bad_uuid"
  /// An `event_type` the catalogue lacks.
  case unknownType = "unknown_type"
  /// An `event_version` the catalogue lacks for the type.
  case unknownVersion = "unknown_version"
  /// Not RFC 3339, or a day or time no calendar has.
  case badTime = "bad_time"
  /// Before 2000-01-01.
  case timeTooEarly = "time_too_early"
  /// More than a day after the message's Kafka timestamp.
  case timeInFuture = "time_in_future"
  /// No `@`.
  case badEmail = "bad_email"
  /// A text of more characters than its field may have.
  case textTooLong = "text_too_long"
  /// Not the form of an IANA time zone's name.
  case badTimeZone = "bad_time_zone"
}
