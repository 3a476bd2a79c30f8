import HTTPService
import Testing

@Suite struct LoggedPathTests {
  @Test(arguments: [
    ("/api/users/email/anna@example.org", "/api/users/email/{email}", "/api/users/email/•••"),
    ("/api/users/email/anna%40example.org/", "/api/users/email/{email}", "/api/users/email/•••/"),
    ("/api/users/email/anna", "/api/users/email/{email}", "/api/users/email/•••"),
    ("/users/users/email/anna@example.org", "unknown", "/users/users/email/•••"),
    ("/api//email/anna%2540example.org/x", "unknown", "/api//email/•••/x"),
    ("/anna%252540example.org", "NotFound", "/•••"), ("anna@example.org", "unknown", "•••"),
    ("/api/decks/7/", "/api/decks/{id}/", "/api/decks/7/"), ("/", "/", "/"), ("", "", ""), ("/%20%", "/", "/%20%"),
  ]) func anAddressIsDots(path: String, route: String, logged: String) {
    #expect(LoggedPath.text(path, route: route) == logged)
  }
}
