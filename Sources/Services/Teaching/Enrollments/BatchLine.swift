/// What became of one line of a batch.
struct BatchLine: Sendable, Equatable {
  enum Result: String, Sendable, CaseIterable {
    case enrolled
    case alreadyEnrolled = "already_enrolled"
    /// Nobody with this address or number is registered.
    case unknown
    /// Another line before it is of the same person.
    case repeated
  }

  let line: EnrollmentBatch.Line
  let result: Result
  let enrollment: Int64?

  /// - Parameters:
  ///   - people: whom each line means; nil: nobody.
  ///   - enrollments: by person, all those that there are now.
  ///   - new: the people who were not enrolled before.
  static func lines(
    _ lines: [EnrollmentBatch.Line], _ people: [Int64?], enrollments: [Int64: Int64], new: Set<Int64>
  ) -> [BatchLine] {
    var seen: Set<Int64> = []
    return zip(lines, people).map { line, person in
      guard let person, let enrollment = enrollments[person] else {
        return BatchLine(line: line, result: .unknown, enrollment: nil)
      }
      guard seen.insert(person).inserted else {
        return BatchLine(line: line, result: .repeated, enrollment: enrollment)
      }
      return BatchLine(line: line, result: new.contains(person) ? .enrolled : .alreadyEnrolled, enrollment: enrollment)
    }
  }
}
