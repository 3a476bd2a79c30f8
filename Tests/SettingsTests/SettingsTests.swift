import Logging
import Settings
import Telemetry
import Testing

@Suite struct SettingsTests {
  private func settings(_ environment: [String: String]) -> Settings { Settings(environment: environment) }

  @Test func readsNumbersWithUnits() throws {
    let settings = settings([
      "COLLECTOR_FLUSH_INTERVAL": "250ms", "MIGRATE_LOCK_TIMEOUT": "1.5h", "COLLECTOR_FLUSH_BYTES": "64KiB",
      "COLLECTOR_WORKERS": "7", "EMAIL_KEEP_ADDRESSES": "Yes", "COLLECTOR_TOPICS": " a, ,b ",
    ])
    #expect(try settings[\.collector.flushInterval] == .milliseconds(250))
    #expect(try settings[\.clickHouse.lockTimeout] == .seconds(5400))
    #expect(try settings[\.collector.flushBytes] == 65536)
    #expect(try settings[\.collector.workers] == 7)
    #expect(try settings[\.email.keepsAddresses])
    #expect(try settings[\.collector.topics] == ["a", "b"])
    #expect(try settings[\.collector.flushRows] == 262_144)
    #expect(try settings[\.clickHouse.deadLettersKeep] == nil)
  }

  @Test(arguments: [
    ("CLICKHOUSE_URL", "localhost:8123", "is not an http or https URL: “localhost:8123”"),
    ("CLICKHOUSE_URL", "http://", "is not an http or https URL: “http://”"),
    ("CLICKHOUSE_URL", "http://a:b@host", "carries a password; give it in the variable meant for it instead"),
    ("COLLECTOR_PORT", "70000", "must be from 0 to 65535, not 70000"),
    ("COLLECTOR_WORKERS", "two", "is not a whole number: “two”"),
    ("LOG_FORMAT", "xml", "must be one of json, text, not “xml”"),
    ("EMAIL_KEEP_ADDRESSES", "maybe", "must be true or false, not “maybe”"),
    ("COLLECTOR_LEASE", "5 apples", "is not a time with its unit (250ms, 1s, 10m, 2h, 30d): “5 apples”"),
    ("COLLECTOR_LEASE", "1h", "must be from 1s to 10m, not “1h”"),
    ("COLLECTOR_FLUSH_BYTES", "9TB", "is not a size in bytes (65536, 64KiB, 8MiB, 1GiB): “9TB”"),
    ("COLLECTOR_FLUSH_BYTES", "2GiB", "must be from 1024 to 536870912 bytes, not “2GiB”"),
    (
      "LOG_LEVEL", "a\u{1B}[2Jb",
      "must be one of trace, debug, info, notice, warning, error, critical, not “a\\u{1B}[2Jb”"
    ),
  ])
  func saysWhatIsWrong(name: String, value: String, reason: String) throws {
    let declared = try #require(all.first { $0.declaration.name == name })
    #expect(throws: SettingError(name, reason)) { try declared.check(in: settings([name: value])) }
  }

  /// Whatever is written in any variable: a value within its bounds or a `SettingError`, and never a trap.
  @Test func noValueEndsTheProgram() {
    let nines = String(repeating: "9", count: 400)
    let amounts = [
      "", "0", "-1", "+5", "1", "1.5", ".5", "1.", ".", "1e300", "1e400", "nan", "inf", "0x10", "９", "१",
      "18446744073709551616",
      "9223372036854775807", "-9223372036854775808", "99999999999999999999999", nines, "0." + nines, " 7", "7 ", "\0",
      "\u{1B}[2J",
      "é", "🂡", String(repeating: "x", count: 100_000),
    ]
    let units = ["", "ms", "s", "m", "h", "d", "B", "KiB", "MiB", "GiB", "kB", "MB", "GB", "TB", "y", " d", "dd", "\n"]
    for setting in all {
      for text in amounts.flatMap({ amount in units.map { amount + $0 } }) {
        do { try setting.check(in: settings([setting.declaration.name: text])) } catch {
          #expect(error.name == setting.declaration.name)
          #expect(error.description.utf8.count < 1000 && !error.description.contains("\u{1B}"))
        }
      }
    }
  }

  @Test func timesAndSizesAreBounded() {
    #expect(
      DurationText.duration("99999999999999d") == nil && DurationText.duration("366000d") == .seconds(366_000 * 86400))
    #expect(SizeText.bytes("999999999999999GiB") == nil && SizeText.bytes("1.5KiB") == 1536)
    for text in ["0ms", "250ms", "1s", "90s", "2h", "36525d"] {
      #expect(DurationText.duration(text).map(DurationText.text) == text)
    }
    #expect(SizeText.text(96 << 20) == "96MiB" && SizeText.text(1000) == "1000" && SizeText.text(0) == "0")
  }

  @Test func emptyIsAbsentAndFlagsWin() throws {
    let settings = settings(["COLLECTOR_GROUP": "", "COLLECTOR_HOST": "env", "KAFKA_BROKERS": "env"])
      .overriding(\.collector.host, with: "flag").overriding(\.kafka.brokers, with: nil)
    #expect(try settings[\.collector.group] == "events-collector" && !settings.isSet(\.collector.group))
    #expect(try settings[\.collector.host] == "flag" && settings.isSet(\.collector.host))
    #expect(try settings[\.kafka.brokers] == "env")
  }

  @Test func refusesDefaultSecretsOutsideTheLocalPlatform() throws {
    let secrets = all.filter(\.declaration.isSecret)
    #expect(secrets.count >= 5)
    for secret in secrets {
      let declared = secret.declaration
      try secret.check(in: settings([:]))
      #expect(throws: SettingError.self) { try secret.check(in: settings(["KARTOTEKA_ENV": "production"])) }
      let stated = settings(["KARTOTEKA_ENV": "production", declared.name: declared.defaultText])
      #expect(throws: SettingError.self) { try secret.check(in: stated) }
      try secret.check(in: settings(["KARTOTEKA_ENV": "production", declared.name: "own"]))
    }
  }

  @Test func secretsAreNeverPrinted() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("hunter2"))
    #expect(secret.matches("hunter2"))
    #expect(!secret.matches("hunter") && !secret.matches("hunter22") && !secret.matches("") && !Secret("").matches(""))
  }

  private var all: [any DeclaredSetting] { DeclaredSettings().groups.flatMap(\.settings) }
}
