/// The services behind the gateway, as the first part of a path names them.
package enum UpstreamName: String, Sendable, CaseIterable {
  case auth, users, decks, teaching, analytics
}
