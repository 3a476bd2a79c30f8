import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

@Suite struct BodyTests {
  private let service: ExampleService
  private let me = ExampleService.headers(7)

  init() throws { service = try ExampleService() }

  private func post(_ body: String?, headers: [String: String] = [:]) async throws -> RouterAnswer {
    try await service.client.send("POST", "/api/notes/", body, headers: me.merging(headers) { $1 })
  }

  @Test func aBodyBecomesAValueAndAnAnswer() async throws {
    let text = #"{"title":" é\"\\\u0007😀 ","text":null,"labels":[{"name":"a"},{"name":"b","weight":-5}],"rating":1e-1}"#
    let answer = try await post(text)
    #expect(answer.status == 201 && answer[header: "Location"] == "/api/notes/1/")
    #expect(
      answer.text == """
        {"id":1,"owner_id":7,"title":" é\\"\\\\\\u0007😀 ","text":null,"visibility":"public","labels":\
        [{"name":"a","weight":0},{"name":"b","weight":-5}],"rating":0.1,"is_long":false,"label_count":2,\
        "created_at":"2026-11-01T00:00:00.001Z"}

        """)
    #expect(try await post(#"{"title":"again"}"#).status == 200)
  }

  @Test func allThatIsWrongIsToldAtOnce() async throws {
    let answer = try await post(
      #"{"text":5,"visibility":"secret","rating":1.5,"colour":1,"mail":"a@b","zone":"Mars/Base","is_draft":"yes","labels":[{"name":"x"},{"nane":"","weight":6},7]}"#
    )
    #expect(answer.status == 422 && answer.code == "VALIDATION_FAILED")
    #expect(
      answer.details == [
        "colour: is not a known field; known are title, text, visibility, rating, is_draft, mail, zone, labels",
        "title: is missing",
        "text: must be a string, not a number",
        "visibility: must be one of public, private",
        "rating: must be a number from 0.0 to 1.0",
        "is_draft: must be true or false, not a string",
        "mail: must be an e-mail address such as anna@example.org",
        "zone: must be an IANA time zone such as Europe/Moscow",
        "labels[1].nane: is not a known field; known are name, weight",
        "labels[1].name: is missing",
        "labels[1].weight: must be a whole number from -5 to 5",
        "labels[2]: must be an object, not a number",
      ])
    #expect(answer.json?["error"]?["request_id"] != nil)
  }

  @Test(arguments: [
    (#"{"mail":"m"}"#, []), (#"{"mail":"","phone":"12345"}"#, []), (#"{"mail":null,"phone":"12345"}"#, []),
    (#"{"mail":"m","phone":"1"}"#, []), ("{}", ["mail: must not be empty, unless there is a telephone"]),
    (#"{"mail":"","phone":"1"}"#, ["mail: must not be empty, unless there is a telephone"]),
    (#"{"mail":null}"#, ["mail: must not be empty, unless there is a telephone"]),
    // Of what is wrong by itself enough is said.
    (#"{"mail":5}"#, ["mail: must be a string, not a number"]),
  ]) func oneOfTheAlternativesHolds(body: String, details: [String]) async throws {
    let answer = try await service.client.send("PUT", "/api/contact", body)
    #expect(answer.status == (details.isEmpty ? 200 : 422) && answer.details == details, "\(answer.text)")
  }

  @Test func theNumberOfProblemsIsBounded() async throws {
    let members = (0..<1000).map { "\"k\($0)\":0" }.joined(separator: ",")
    let answer = try await post("{\(members)}")
    #expect(answer.status == 422 && answer.details.count == 21 && answer.details.last == ": and 981 more")
    #expect(answer.text.contains("in 1001 places"))
  }

  @Test func aForeignNameIsShortInTheAnswer() async throws {
    let answer = try await post("{\"title\":\"x\",\"\(String(repeating: "ä", count: 30_000))\":1}")
    #expect(answer.status == 422 && answer.text.utf8.count < 1000)
  }

  /// What is no JSON at all.
  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "nul", "NaN", "Infinity", "'a'", "{a:1}", "{\"title\":\"x\",}", "[1,]", "01", "1.",
    "\"\\x\"", "\"\\ud800\"", "\"\u{1}\"", "{\"title\" \"x\"}", "{} {}", "// no\n{}", "title=x", "<xml/>", "\u{FEFF}{}",
    "{\"title\":\"x\"}\0",
  ]) func junk(text: String) async throws {
    let answer = try await post(text)
    #expect(answer.status == 400 && answer.code == "MALFORMED_JSON", "\(answer.text)")
  }

  @Test func bytesThatAreNoText() async throws {
    for bytes: [UInt8] in [[0xFF, 0xFE], [0x22, 0xC0, 0x80, 0x22], [0xFE, 0xFF, 0, 0x7B, 0, 0x7D], [0x1F, 0x8B, 8]] {
      let answer = try await service.client.send("POST", "/api/notes/", bytes: bytes, headers: me)
      #expect(answer.status == 400 && answer.code == "MALFORMED_JSON")
    }
  }

  /// JSON that is not what is declared: the place, and the kind of thing that should be there.
  @Test(arguments: [
    ("null", ": must be an object, not null"), ("[]", ": must be an object, not an array"),
    ("\"x\"", ": must be an object, not a string"), ("1", ": must be an object, not a number"),
    (#"{"title":""}"#, "title: must not be empty"), (#"{"title":"  "}"#, "title: must not be blank"),
    (#"{"title":" \u2003"}"#, "title: must not be blank"),
    (#"{"title":"a\u0000b"}"#, "title: must not contain U+0000"),
    (#"{"title":null}"#, "title: must be a string, not null"),
    (#"{"title":"x","is_draft":null}"#, "is_draft: must be true or false, not null"),
    (#"{"title":"x","rating":1e999}"#, "rating: must be a number from 0.0 to 1.0"),
    (#"{"title":"x","rating":"0.5"}"#, "rating: must be a number, not a string"),
    (#"{"title":"x","labels":[{"name":"x","weight":1.5}]}"#, "labels[0].weight: must be a whole number from -5 to 5"),
    (
      #"{"title":"x","labels":[{"name":"x","weight":99999999999999999999}]}"#,
      "labels[0].weight: must be a whole number from -5 to 5"
    ),
    (#"{"title":"x","labels":[{},{},{},{}]}"#, "labels: must have 0 to 3 elements, not 4"),
    (#"{"title":"x","labels":{}}"#, "labels: must be an array, not an object"),
    (#"{"title":"x","title":"y"}"#, ": the name “title” occurs twice, at byte 20"),
    (#"{"title":"x","t\u0069tle":"y"}"#, ": the name “title” occurs twice, at byte 25"),
  ]) func refused(text: String, problem: String) async throws {
    let answer = try await post(text)
    #expect(answer.status == 422 && answer.details.first == problem, "\(answer.text)")
  }

  @Test func lengthsAreCountedInScalars() async throws {
    #expect(try await post("{\"title\":\"\(String(repeating: "😀", count: 40))\"}").status == 201)
    let answer = try await post("{\"title\":\"\(String(repeating: "😀", count: 41))\"}")
    #expect(answer.details == ["title: must have at most 40 characters, not 41"])
  }

  @Test func wholeNumbersMayBeWrittenOtherwise() async throws {
    for text in ["2.0", "2e0", "20e-1"] {
      let answer = try await service.client.send("PUT", "/api/order", "[\(text),1]")
      #expect(answer.text == "[1,2]\n", "\(text)")
    }
  }

  @Test func depthIsBounded() async throws {
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let answer = try await post("{\"title\":\(deep)}")
    #expect(answer.status == 422 && answer.details[0].hasPrefix(": nesting is deeper than 16"), "\(answer.text)")
  }

  @Test func sizeIsBounded() async throws {
    let large = "[\(String(repeating: " ", count: 200))1]"
    for headers in [[:], ["Content-Length": "203"]] {
      let answer = try await service.client.send("PUT", "/api/order", large, headers: headers)
      #expect(answer.status == 413 && answer.code == "BODY_TOO_LARGE")
    }
    #expect(
      try await service.client.send("PUT", "/api/order", "[1\(String(repeating: " ", count: 197))]").status == 200)
  }

  @Test(arguments: [
    ["Content-Type": "text/plain"], ["Content-Type": "application/x-www-form-urlencoded"],
    ["Content-Type": "application/json; charset=utf-16"], ["Content-Type": "application/jsonp"], ["Content-Type": ""],
    ["Content-Encoding": "gzip"],
  ]) func otherTypesAreRefused(headers: [String: String]) async throws {
    let answer = try await post(#"{"title":"x"}"#, headers: headers)
    #expect(answer.status == 415 && answer.code == "UNSUPPORTED_MEDIA_TYPE", "\(headers)")
  }

  @Test(arguments: ["application/json", "Application/JSON;charset=UTF-8", "application/json; charset=\"utf-8\""])
  func jsonHasSeveralNames(type: String) async throws {
    #expect(try await post(#"{"title":"x"}"#, headers: ["Content-Type": type]).status == 201)
  }

  @Test func aBodyMayBeLeftOutWhereThatIsDeclared() async throws {
    #expect(try await service.client.send("POST", "/api/logout", headers: me).text == "false\n")
    #expect(try await service.client.send("POST", "/api/logout", #"{"all":true}"#, headers: me).text == "true\n")
    #expect(try await service.client.send("POST", "/api/logout", "{", headers: me).status == 400)
    #expect(try await service.client.send("POST", "/api/logout", #"{"al":true}"#, headers: me).status == 422)
  }

  @Test func filesPassAsTheyAre() async throws {
    let type = ["Content-Type": "text/csv"]
    #expect(try await service.client.send("POST", "/api/import", "a,b\r\n", headers: type).text == "a,b\r\n")
    #expect(try await service.client.send("POST", "/api/import", "a,b\r\n").status == 415)
    #expect(
      try await service.client.send("POST", "/api/import", String(repeating: "x", count: 101), headers: type).status
        == 413)
  }
}
