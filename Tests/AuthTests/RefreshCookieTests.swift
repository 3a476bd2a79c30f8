import Auth
import HTTPTypes
import Testing

@Suite struct RefreshCookieTests {
  private let cookie = RefreshCookie(path: "/auth", isSecure: true)

  private func token(_ lines: String...) -> String? {
    var headers = HTTPFields()
    for line in lines { headers.append(HTTPField(name: .cookie, value: line)) }
    return cookie.token(headers)
  }

  @Test func itIsFoundAmongOthers() {
    #expect(token("refresh_token=a.b.c") == "a.b.c")
    #expect(token("x=1; refresh_token=a; y=2") == "a" && token("x=1;refresh_token=a") == "a")
    #expect(token("x=1", "refresh_token=a") == "a")
    #expect(token("refresh_token=a; refresh_token=b") == "a", "of the most specific path")
    #expect(token("refresh_token=a=b") == "a=b")
    #expect(token("refresh_token=; refresh_token=b") == "b")
  }

  @Test func othersAreNotTakenForIt() {
    for line in [
      "", ";", "=", "refresh_token", "refresh_token=", "Refresh_Token=a", "xrefresh_token=a", "x=refresh_token=a",
    ] {
      #expect(token(line) == nil, "\(line)")
    }
    #expect(token() == nil)
  }

  @Test func itsAttributes() {
    #expect(
      cookie.removal[.setCookie] == "refresh_token=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Lax; Secure")
    let open = RefreshCookie(path: "/", isSecure: false)
    #expect(open.removal[.setCookie] == "refresh_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
  }
}
