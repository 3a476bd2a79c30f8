import Settings
import Telemetry
import Testing

@Suite struct SettingsTests {
  private func settings(_ environment: [String: String]) -> Settings { Settings(environment: environment) }

  @Test func readsNumbersWithUnits() throws {
    let settings = settings(["T": "250ms", "D": "1.5h", "B": "64KiB", "N": "7"])
    #expect(try settings.duration("T", default: .zero) == .milliseconds(250))
    #expect(try settings.duration("D", default: .zero) == .seconds(5400))
    #expect(try settings.bytes("B", default: 0, in: 0...1_000_000) == 65536)
    #expect(try settings.integer("N", default: 0, in: 0...10) == 7)
    #expect(try settings.integer("ABSENT", default: 3, in: 0...10) == 3)
  }

  @Test(arguments: [
    ("U", "localhost:8123", "U is not an http or https URL: “localhost:8123”"),
    ("U", "http://", "U is not an http or https URL: “http://”"),
    ("U", "http://a:b@host", "U carries a password; give it in the variable meant for it instead"),
  ])
  func namesTheUnusableURL(name: String, value: String, message: String) {
    #expect(throws: SettingError.self) { try settings([name: value]).url(name, default: "http://x") }
    do { _ = try settings([name: value]).url(name, default: "http://x") } catch { #expect("\(error)" == message) }
  }

  @Test func saysWhatIsAllowed() {
    #expect(throws: SettingError("P", "must be from 0 to 65535, not 70000")) {
      try settings(["P": "70000"]).port("P", default: 1)
    }
    #expect(throws: SettingError("LOG_FORMAT", "must be one of json, text, not “xml”")) {
      try settings(["LOG_FORMAT": "xml"]).choice("LOG_FORMAT", default: LogFormat.json)
    }
    #expect(throws: SettingError("T", "is not a time with its unit (250ms, 1s, 10m, 2h, 30d): “5 apples”")) {
      try settings(["T": "5 apples"]).duration("T", default: .zero)
    }
  }

  @Test func emptyIsAbsentAndFlagsWin() {
    let settings = settings(["A": "", "B": "env"]).overriding(["B": "flag", "A": nil])
    #expect(settings.text("A", default: "x") == "x")
    #expect(settings.text("B") == "flag")
  }

  @Test func refusesDefaultSecretsOutsideTheLocalPlatform() throws {
    #expect(try settings([:]).secret("S", localDefault: "local").revealed == "local")
    let abroad = settings(["KARTOTEKA_ENV": "production", "S": "local", "R": "own"])
    #expect(throws: SettingError.self) { try abroad.secret("S", localDefault: "local") }
    #expect(throws: SettingError.self) { try abroad.secret("ABSENT", localDefault: "local") }
    #expect(try abroad.secret("R", localDefault: "local").revealed == "own")
  }

  @Test func secretsAreNeverPrinted() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("hunter2"))
    #expect(secret.matches("hunter2"))
    #expect(!secret.matches("hunter") && !secret.matches("hunter22") && !secret.matches("") && !Secret("").matches(""))
  }
}
