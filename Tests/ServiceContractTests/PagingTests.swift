import CivilTime
import Foundation
import HTTPServiceTesting
import JSON
import ServiceContract
import Testing

@Suite struct PagingTests {
  private let service: ExampleService

  init() throws {
    service = try ExampleService()
    // Several of one moment: ties.
    for number in 0..<45 {
      let new = NewNote(title: "note \(number)", rating: Double(number % 2))
      _ = service.store.add(new, by: Int64(number % 3 + 1), created: Instant(milliseconds: number / 4))
    }
  }

  private func ids(_ answer: RouterAnswer) -> [Int] {
    (answer.json?.elements ?? []).compactMap { $0["id"]?.asDouble.map { Int($0) } }
  }

  private func walk(_ query: String) async throws -> [Int] {
    var (seen, cursor): ([Int], String?) = ([], "")
    while let given = cursor, seen.count < 100 {
      let answer = try await service.client.send("GET", "/api/notes?\(query)&\(given.isEmpty ? "" : "cursor=\(given)")")
      #expect(answer.status == 200, "\(answer.text)")
      seen += ids(answer)
      cursor = answer[header: "X-Next-Cursor"]
    }
    return seen
  }

  @Test(arguments: [1, 2, 7, 20, 45, 100]) func everyRowOnceNewestFirst(limit: Int) async throws {
    #expect(try await walk("limit=\(limit)") == (1...45).reversed())
  }

  @Test func twentyUnlessAskedOtherwise() async throws {
    let answer = try await service.client.send("GET", "/api/notes/")
    #expect(ids(answer) == (26...45).reversed() && answer[header: "X-Next-Cursor"] != nil)
  }

  @Test(arguments: [
    "limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=5&limit=6", "limit=%35%00",
  ])
  func limitsAreBounded(query: String) async throws {
    let answer = try await service.client.send("GET", "/api/notes/?\(query)")
    #expect(answer.status == 422 && answer.details.first?.hasPrefix("limit: ") == true, "\(answer.text)")
  }

  @Test func aRowAddedMeanwhileShiftsNothing() async throws {
    let first = try await service.client.send("GET", "/api/notes/?limit=10")
    let cursor = try #require(first[header: "X-Next-Cursor"])
    _ = service.store.add(NewNote(title: "newest", rating: 1), by: 1, created: Instant(milliseconds: 1000))
    let second = try await service.client.send("GET", "/api/notes/?limit=10&cursor=\(cursor)")
    #expect(ids(second) == (26...35).reversed())
  }

  @Test func aCursorIsOfOneList() async throws {
    let answer = try await service.client.send("GET", "/api/notes/?owner=1&limit=3")
    let cursor = try #require(answer[header: "X-Next-Cursor"])
    // The size of a page may change on the way.
    #expect(try await service.client.send("GET", "/api/notes/?owner=1&limit=5&cursor=\(cursor)").status == 200)
    for query in ["limit=3", "owner=2", "owner=1&minimum_rating=1"] {
      let other = try await service.client.send("GET", "/api/notes/?\(query)&cursor=\(cursor)")
      #expect(other.status == 400 && other.code == "INVALID_CURSOR", "\(query)")
    }
  }

  @Test func everyAlterationIsRefused() async throws {
    let cursor = try #require(try await service.client.send("GET", "/api/notes/?limit=3")[header: "X-Next-Cursor"])
    var forged = [
      "a", "AAAA", String(cursor.dropLast()), cursor + "A", cursor + "=", String(cursor.reversed()),
      String(repeating: "A", count: cursor.count), "%00", "1", "-1", "'; DROP TABLE notes",
    ]
    for index in cursor.indices {
      for replacement in ["A", "B", "_"] where cursor[index...index] != replacement {
        forged.append(cursor.replacingCharacters(in: index...index, with: replacement))
      }
    }
    for text in forged {
      let escaped = text.replacing("=", with: "%3D").replacing(" ", with: "+").replacing(";", with: "%3B")
      let answer = try await service.client.send("GET", "/api/notes/?limit=3&cursor=\(escaped)")
      #expect(
        answer.status == 400 && answer.code == "INVALID_CURSOR" || text == "%00" && answer.status == 422, "\(text)")
    }
  }

  @Test func queriesAreReadAsDeclared() async throws {
    #expect(try await walk("limit=100&owner=2").count == 15)
    #expect(try await walk("limit=100&minimum_rating=0.5&has_text=false&q=a+b%20%C3%A9").count == 22)
    let wrong = try await service.client.send("GET", "/api/notes/?owner=x&has_text=1&autor=3&minimum_rating=2&q=%C3")
    #expect(
      wrong.details == [
        "q: is not percent-encoded UTF-8",
        "autor: is not a known field; known are owner, q, has_text, minimum_rating, cursor, limit",
        "owner: must be a whole number, not a string", "has_text: must be true or false, not a string",
        "minimum_rating: must be a number from 0.0 to 1.0",
      ], "\(wrong.text)")
    #expect(try await service.client.send("GET", "/api/whoami?x=1").status == 422)
  }
}
