/// The last thing that is made of a school: a private deck of the manager's. A school that has it is whole.
package struct SchoolLog: Sendable, Equatable {
  static let title = "School log (kartoteka seed-demo)"

  /// The deck's id.
  package let deck: Int64
  /// What it says of how the school was made.
  package let about: String

  package init(deck: Int64, about: String) {
    self.deck = deck
    self.about = about
  }
}
