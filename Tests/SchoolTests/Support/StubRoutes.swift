import Digests
import Foundation
import JSON
import School

/// The stub's operations, over its state.
enum StubRoutes {
  typealias State = StubPlatform.State

  static func answer(_ request: StubRequest, _ state: inout State, url: String) -> StubAnswer {
    let segments = request.segments
    let route = ([request.method] + segments.map { Int64($0) == nil ? $0 : "#" }).joined(separator: " ")
    let ids = segments.compactMap { Int64($0) }
    state.calls[route, default: 0] += 1
    if let answer = stranger(route, request, &state) { return answer }
    guard let token = request.headers["authorization"]?.split(separator: ".").dropFirst().first,
      let bytes = Base64URL.decoded(token.utf8), let claims = try? JSONParser.parse(bytes),
      case .string(let sub)? = claims["sub"], let id = Int64(sub),
      let person = state.people.first(where: { $0.id == id })
    else { return (401, "{}") }
    state.deeds[person.email, default: []].append("\(route) \(request.headers["x-simulated-time"] ?? "")")
    return decks(route, ids, request, person, &state, url)
      ?? learning(route, ids, request, person, &state) ?? (404, #"{"error":{"code":"NO_ROUTE","message":"\#(route)"}}"#)
  }

  private static func stranger(_ route: String, _ request: StubRequest, _ state: inout State) -> StubAnswer? {
    let (email, password) = (text(request, "email"), text(request, "password"))
    switch route {
    case "POST auth register", "POST users users":
      guard !state.people.contains(where: { $0.email == email }) else { return (409, "{}") }
      let person = State.Person(id: state.newID(), email: email, password: password)
      state.people.append(person)
      state.emit(EventKey("user_registered", person: person.id))
      return (201, route.hasPrefix("POST auth") ? tokens(person.id) : record(person))
    case "POST auth login":
      guard let person = state.people.first(where: { $0.email == email && $0.password == password }) else {
        return (401, "{}")
      }
      state.emit(EventKey("user_logged_in", person: person.id))
      return (201, tokens(person.id))
    case "PUT images": return (200, "{}")
    default: return nil
    }
  }

  private static func decks(
    _ route: String, _ ids: [Int64], _ request: StubRequest, _ person: State.Person, _ state: inout State, _ url: String
  ) -> StubAnswer? {
    switch route {
    case "GET auth me": return (200, record(person))
    case "PATCH users users #":
      guard let index = state.people.firstIndex(where: { $0.id == ids[0] }), person.isManager else {
        return (403, "{}")
      }
      state.people[index].isManager = true
      return (200, record(state.people[index]))
    case "GET decks decks":
      let author = request.query.split(separator: "=").last.flatMap { Int64($0) }
      let found = state.decks.reversed().filter { !request.query.contains("author") || $0.owner == author }
      return (200, "[\(found.map { deck($0, withCards: false) }.joined(separator: ","))]")
    case "POST decks decks":
      let new = State.Deck(
        id: state.newID(), owner: person.id, title: text(request, "title"), about: text(request, "description"))
      state.decks.append(new)
      state.emit(EventKey("deck_created", person: person.id, deck: new.id))
      return (201, deck(new, withCards: true))
    case "GET decks decks #":
      guard let found = state.decks.first(where: { $0.id == ids[0] }) else { return (404, "{}") }
      return (200, deck(found, withCards: true))
    case "PATCH decks decks #":
      guard let index = state.decks.firstIndex(where: { $0.id == ids[0] }) else { return (404, "{}") }
      if state.decks[index].about != text(request, "description") {
        state.decks[index].about = text(request, "description")
        state.emit(EventKey("deck_updated", person: person.id, deck: ids[0]))
      }
      return (200, deck(state.decks[index], withCards: true))
    case "POST decks decks # copy": return copy(ids[0], request, person, &state)
    case "PATCH decks deck decks # cards":
      guard let index = state.decks.firstIndex(where: { $0.id == ids[0] }),
        case .array(let cards)? = request.body["cards"]
      else { return (404, "{}") }
      let made = cards.map { _ in state.newID() }
      for card in made { state.emit(EventKey("card_created", deck: ids[0], card: card)) }
      state.images += cards.count { $0["front_image_url"] != nil }
      state.decks[index].cards += made
      return (200, #"{"cards":[\#(made.map(card).joined(separator: ","))]}"#)
    case "POST decks deck uploads presign":
      return (200, #"{"put_url":"\#(url)/images","object_key":"temp/\#(state.newID())","headers":{"X-A":"b"}}"#)
    default: return nil
    }
  }

  private static func copy(
    _ source: Int64, _ request: StubRequest, _ person: State.Person, _ state: inout State
  ) -> StubAnswer {
    let key = "\(person.id) \(request.headers["idempotency-key"] ?? "")"
    if let first = state.results[key] { return (201, first) }
    guard let found = state.decks.first(where: { $0.id == source }) else { return (404, "{}") }
    var new = State.Deck(id: state.newID(), owner: person.id, title: found.title, about: found.about)
    for _ in found.cards { new.cards.append(state.newID()) }
    state.emit(EventKey("deck_created", person: person.id, deck: new.id))
    for card in new.cards { state.emit(EventKey("card_created", deck: new.id, card: card)) }
    state.decks.append(new)
    let reply = deck(new, withCards: false)
    state.results[key] = reply
    return (201, reply)
  }

  private static func learning(
    _ route: String, _ ids: [Int64], _ request: StubRequest, _ person: State.Person, _ state: inout State
  ) -> StubAnswer? {
    switch route {
    case "PATCH decks learn settings": return (200, #"{"timezone":"\#(text(request, "timezone"))"}"#)
    case "POST decks learn deck # sessions":
      let open = state.sessions.values.first { $0.owner == person.id && $0.deck == ids[0] && !$0.hasEnded }
      if let open { return (200, session(open)) }
      let new = State.Session(id: state.newID(), owner: person.id, deck: ids[0])
      state.sessions[new.id] = new
      state.emit(EventKey("learning_session_started", person: person.id, session: new.id, deck: new.deck))
      return (201, session(new))
    case "POST decks deck # results":
      let key = "\(person.id) \(request.headers["idempotency-key"] ?? "")"
      if let first = state.results[key] { return (201, first) }
      let id = state.newID()
      state.results[key] = #"{"id":\#(id)}"#
      state.emit(EventKey("test_completed", person: person.id, deck: ids[0], result: id))
      return (201, #"{"id":\#(id)}"#)
    default: break
    }
    guard ids.first != nil, var open = state.sessions[ids[0]], open.owner == person.id else { return nil }
    defer { state.sessions[open.id] = open }
    let key = EventKey("learning_session_finished", person: person.id, session: open.id, deck: open.deck)
    switch route {
    case "GET decks learn sessions # next":
      let left = state.decks.first { $0.id == open.deck }?.cards.first { !open.asked.contains($0) }
      guard let left else { return (200, #"{"next":null}"#) }
      return (200, #"{"next":{"card":{"id":\#(left)},"answer_id":"\#(open.id)-\#(open.asked.count)"}}"#)
    case "POST decks learn sessions # cards # answer":
      let id = "\(person.id) \(text(request, "answer_id"))"
      if let first = state.answers[id] { return (200, first) }
      guard !open.hasEnded else { return (409, "{}") }
      open.asked.append(ids[1])
      state.emit(
        EventKey("card_answered", person: person.id, session: open.id, deck: open.deck, card: ids[1]))
      open.hasEnded = open.asked.count == state.decks.first { $0.id == open.deck }?.cards.count
      if open.hasEnded { state.emit(key) }
      let reply = #"{"card_id":\#(ids[1]),"session_finished":\#(open.hasEnded)}"#
      state.answers[id] = reply
      return (200, reply)
    case "POST decks learn sessions # finish":
      if !open.hasEnded { state.emit(key) }
      open.hasEnded = true
      return (200, session(open))
    default: return nil
    }
  }

  private static func text(_ request: StubRequest, _ name: String) -> String {
    if case .string(let text)? = request.body[name] { text } else { "" }
  }

  private static func tokens(_ id: Int64) -> String {
    #"{"access":"h.\#(Base64URL.encoded(#"{"sub":"\#(id)","exp":99999999999}"#.utf8)).s","refresh":"r"}"#
  }

  private static func record(_ person: State.Person) -> String {
    #"{"id":\#(person.id),"is_manager":\#(person.isManager)}"#
  }

  private static func card(_ id: Int64) -> String { #"{"id":\#(id),"front_text":"f"}"# }

  private static func deck(_ deck: State.Deck, withCards: Bool) -> String {
    let cards = withCards ? #","cards":[\#(deck.cards.map(card).joined(separator: ","))]"# : ""
    return
      #"{"id":\#(deck.id),"owner_id":\#(deck.owner),"title":"\#(deck.title)","description":"\#(deck.about)","cards_amount":\#(deck.cards.count)\#(cards)}"#
  }

  private static func session(_ session: State.Session) -> String {
    #"{"id":\#(session.id),"deck_id":\#(session.deck),"status":"\#(session.hasEnded ? "finished" : "active")"}"#
  }
}
