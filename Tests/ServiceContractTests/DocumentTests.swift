import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

@Suite struct DocumentTests {
  private let service: ExampleService

  init() throws { service = try ExampleService() }

  private func document() async throws -> JSONValue {
    try #require(try await service.client.send("GET", "/api/openapi.json").json)
  }

  @Test func theDocumentKeepsTheRules() async throws {
    #expect(DocumentCheck(try await document()).problems == [])
  }

  /// The check itself sees what it should.
  @Test func theRulesAreLookedAt() async throws {
    let good = try await document().text
    for (part, broken) in [
      ("\"operationId\":\"addNote\"", "\"operationId\":\"listNotes\""), ("3.1.0", "3.0.0"),
      ("#/components/schemas/Note\"", "#/components/schemas/Nothing\""), ("/notes/{id}/", "/notes/{key}/"),
      ("\"in\":\"path\",\"required\":true", "\"in\":\"path\",\"required\":false"),
      ("\"service\":{\"type\"", "\"x\":{\"type\""),
      ("\"201\":", "\"2O1\":"), ("\"type\":\"boolean\"", "\"type\":\"bool\""), ("\"maxLength\":40", "\"maxLength\":0"),
      ("\"operationId\":\"getNote\",\"parameters\":{", "\"operationId\":\"getNothing\",\"parameters\":{"),
      ("\"parameters\":{\"id\":", "\"parameters\":{\"key\":"), ("\"required\":[\"phone\"]", "\"required\":[\"fax\"]"),
      ("\"required\":[\"title\"]", "\"required\":[\"titel\"]"), ("{\"name\":\"odd\"}", "{\"name\":\"even\"}"),
    ] {
      #expect(good.contains(part), "\(part)")
      let parsed = try JSONParser.parse(Array(good.replacing(part, with: broken).utf8))
      #expect(!DocumentCheck(parsed).problems.isEmpty, "\(broken)")
    }
  }

  @Test func whatIsDeclaredIsPrinted() async throws {
    let document = try await document()
    #expect(document["servers"]?.text == #"[{"url":"./"}]"#)
    let paths = document["paths"]
    #expect(paths?.members.map(\.name).contains("/notes/{id}/") == true)
    let list = paths?["/notes/"]?["get"]
    #expect(list?["security"] == nil && list?["parameters"]?.elements?.count == 6)
    let limit = list?["parameters"]?.elements?.first { $0["name"] == .string("limit") }
    #expect(
      limit?["schema"]?.text
        == #"{"type":"integer","format":"int64","minimum":1,"maximum":100,"default":20,"description":"How many at most."}"#
    )
    let add = paths?["/notes/"]?["post"]
    #expect(
      add?["responses"]?.members.map(\.name) == [
        "201", "200", "400", "401", "403", "406", "413", "415", "422", "504", "5XX",
      ])
    #expect(
      add?["requestBody"]?["content"]?.text
        == ##"{"application/json":{"schema":{"$ref":"#/components/schemas/NewNote"}}}"##)
    #expect(
      paths?["/notes/{id}/"]?["put"]?["parameters"]?.text.contains(#""If-Match","in":"header","required":true"#) == true
    )
    #expect(paths?["/notes/{id}/"]?["get"]?["responses"]?["304"] != nil)
    #expect(paths?["/verify"]?["post"]?["security"]?.text == #"[{"service":[]}]"#)
    let note = document["components"]?["schemas"]?["NewNote"]
    #expect(note?["additionalProperties"] == .bool(false) && note?["required"]?.text == #"["title"]"#)
    #expect(note?["properties"]?["text"]?["type"]?.text == #"["string","null"]"#)
    #expect(note?["properties"]?["labels"]?["maxItems"] == .number("3"))
    #expect(
      note?["properties"]?["zone"]?.text
        == #"{"type":"string","format":"time-zone","description":"It must be an IANA time zone such as Europe/Moscow."}"#
    )
    let contact = document["components"]?["schemas"]?["Contact"]
    #expect(
      contact?["allOf"]?.elements?.first?["anyOf"]?.elements?.map { $0["required"]?.text } == [
        #"["mail"]"#, #"["phone"]"#,
      ])
    #expect(
      add?["responses"]?["201"]?["links"]?.text
        == ##"{"getNote":{"operationId":"getNote","parameters":{"id":"$response.body#/id"}}}"##)
  }

  /// What is printed of a text is what is asked of it.
  @Test func patternsSayWhatTheRulesDo() async throws {
    let title = try await document()["components"]?["schemas"]?["NewNote"]?["properties"]?["title"]
    let pattern = try Regex(try #require(title?["pattern"]?.string))
    for text in ["a", " a ", "é", "\u{2003}", " ", "\n\t", "a\u{0}", "\u{0}", "😀"] {
      let body = JSONValue.object([.init("title", .string(text))]).text
      let answer = try await service.client.send("POST", "/api/notes/", body, headers: ExampleService.headers(1))
      #expect((answer.status == 201) == (text.firstMatch(of: pattern) != nil), "\(Array(text.unicodeScalars))")
    }
  }

  @Test func thePageIsInTheBinary() async throws {
    let page = try await service.client.send("GET", "/api/docs")
    #expect(page.status == 200 && page[header: "Content-Type"] == "text/html; charset=utf-8")
    #expect(
      page.text.contains("data-document=\"openapi.json\"") && page.text.contains("src=\"docs/swagger-ui-bundle.js\""))
    #expect(page[header: "Content-Security-Policy"]?.contains("script-src 'self';") == true)
    #expect(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("{{"))
    let folder = try await service.client.send("GET", "/api/docs/")
    #expect(
      folder.text.contains("data-document=\"../openapi.json\"") && folder.text.contains("src=\"swagger-ui-bundle.js\""))
    for (path, least, part) in [
      ("/api/docs/swagger-ui-bundle.js", 1_000_000, "SwaggerUIBundle"),
      ("/api/docs/swagger-ui.css", 100_000, ".swagger-ui"),
      ("/api/docs/docs.js", 100, "SwaggerUIBundle("),
    ] {
      let asset = try await service.client.send("GET", path)
      #expect(asset.status == 200 && asset.text.utf8.count > least && asset.text.contains(part), "\(path)")
      let tag = try #require(asset[header: "ETag"])
      #expect(try await service.client.send("GET", path, headers: ["If-None-Match": tag]).status == 304)
    }
  }
}
