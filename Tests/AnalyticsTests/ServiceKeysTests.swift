import Analytics
import Settings
import Testing

@Suite struct ServiceKeysTests {
  private func keys(_ environment: [String: String]) throws -> ServiceKeys {
    try ServiceKeys(Settings(environment: environment))
  }

  @Test func knowsKeysByName() throws {
    let keys = try keys(["ANALYTICS_SERVICE_KEYS": "reports:abcdefghijkl, ops:mnop:qrst:uvwx"])
    #expect(keys.name(of: "abcdefghijkl") == "reports" && keys.name(of: "mnop:qrst:uvwx") == "ops")
    #expect(keys.name(of: "abcdefghijk") == nil && keys.name(of: "") == nil && !keys.acceptsLocalDefault)
  }

  @Test func theLocalDefaultIsForTheLocalPlatform() throws {
    #expect(try keys([:]).name(of: "local-dashboard-key") == "dashboard")
    #expect(throws: SettingError.self) { try keys(["KARTOTEKA_ENV": "production"]) }
    #expect(throws: SettingError.self) {
      try keys(["KARTOTEKA_ENV": "production", "ANALYTICS_SERVICE_KEYS": "own:abcdefghijkl,x:local-dashboard-key"])
    }
  }

  @Test(arguments: ["abcdefghijkl", ":abcdefghijkl", "a:short", ","])
  func refuses(value: String) {
    #expect(throws: SettingError.self) { try keys(["ANALYTICS_SERVICE_KEYS": value]) }
  }
}
