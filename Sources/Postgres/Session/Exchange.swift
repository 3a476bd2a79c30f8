/// What was sent in one go, and how far its answers have come. The server answers in the order of the steps.
struct Exchange {
  enum Step {
    /// `SET statement_timeout`, in milliseconds.
    case timeLimit(Int)
    case begin
    case prepare(StatementCache.Entry, name: String, call: Int)
    case call(Int)
    /// The end of what fails together. The server then goes on with what follows.
    case sync
  }

  let steps: [Step]
  /// The calls' names, for errors.
  let names: [String]
  private(set) var position = 0
  /// Of the calls.
  var rows: [PostgresRows] = []
  /// The first error.
  var failure: PostgresError?

  init(steps: [Step], names: [String]) {
    self.steps = steps
    self.names = names
  }

  var isFinished: Bool { position == steps.count }
  var step: Step { steps[position] }

  mutating func advance() { position += 1 }

  /// The place in the batch and the name of what the step at hand runs, for errors.
  var subject: (index: Int, name: String) {
    switch step {
    case .timeLimit: (0, "SET")
    case .begin: (0, "BEGIN")
    case .prepare(_, _, let call), .call(let call): (call, names[call])
    case .sync: (names.count, "COMMIT")
    }
  }
}
