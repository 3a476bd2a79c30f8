import HTTPService
import ServiceContract
import ServiceStore

/// Sessions: beginning, looking at, and finishing one.
enum SessionOperations {
  static func add(to api: inout API<CallContext>, _ store: LearningStore) {
    let failures = StoreFailures.declarations
    api.on(
      APIOperation(
        .post, "/api/learn/deck/{deck_id}/sessions", id: "startSession",
        "Begin to learn a deck, or go on with the session under way", tag: "learn", access: .person,
        path: DeckPath.self, query: ModeQuery.self, body: .optionalJSON(.object(NewSession.self)),
        success: .json(
          .created, .ok, as: StoredSession.representation, "201: a new session. 200: the one that is under way."),
        failures: failures + [DeckAccess.notFound, LearningFailures.noCards])
    ) { call, context in
      let mode = call.body?.mode ?? call.query.mode
      let (session, isNew) = try await store.start(call.path.deck, mode, .init(context))
      return Reply(session, status: isNew ? nil : .ok, headers: [.location: "/api/learn/sessions/\(session.id)"])
    }
    api.on(
      APIOperation(
        .get, "/api/learn/sessions/{session_id}", id: "getSession", "One of my sessions", tag: "learn", access: .person,
        path: SessionPath.self, success: .json(as: StoredSession.representation, "The session."),
        failures: failures + [LearningFailures.sessionNotFound])
    ) { call, context in Reply(try await store.session(call.path.session, .init(context))) }
    api.on(
      APIOperation(
        .get, "/api/learn/sessions/{session_id}/progress", id: "getProgress", "How far a session has come",
        tag: "learn",
        access: .person, path: SessionPath.self, success: .json(as: progress, "The session's progress."),
        failures: failures + [LearningFailures.sessionNotFound, DeckAccess.notFound])
    ) { call, context in Reply(try await store.progress(call.path.session, .init(context))) }
    api.on(
      APIOperation(
        .post, "/api/learn/sessions/{session_id}/finish", id: "finishSession", "Stop learning", tag: "learn",
        access: .person, path: SessionPath.self,
        success: .json(as: StoredSession.representation, "The session, which has ended, by this or before."),
        failures: failures + [LearningFailures.sessionNotFound])
    ) { call, context in Reply(try await store.finish(call.path.session, .init(context))) }
  }

  private static let progress = Representation<(StoredSession, SessionProgress)>.object(
    "Progress",
    [
      .init("session_id", .id) { $0.0.id },
      .init("status", .choice(StoredSession.statuses)) { $0.0.status },
      .init("learned_cards", .count, "Cards of the session with nothing more to ask now.") { $0.1.learnedCards },
      .init("total_cards", .count, "Cards asked, and still to ask.") { $0.1.totalCards },
      .init("progress", .number, "0…1; 1 exactly when nothing is left to ask.") { $0.1.fraction },
    ])
}

extension StoredSession {
  static let statuses = ["active", "finished", "abandoned"]

  var status: String {
    switch end?.cause {
    case nil: "active"
    case .finished, .lastCard: "finished"
    case .abandoned: "abandoned"
    }
  }

  static let representation = Representation<StoredSession>.object(
    "LearningSession",
    [
      .init("id", .id) { $0.id },
      .init("deck_id", .id) { $0.deck },
      .init("mode", .choice(StudyMode.allCases.map(\.rawValue))) { $0.mode.rawValue },
      .init("status", .choice(statuses)) { $0.status },
      .init("started_at", .moment) { $0.startedAt },
      .init("last_activity_at", .moment, "The last answer; the start while there is none.") { $0.lastActivityAt },
      .init("finished_at", .nullable(.moment)) { $0.end?.at },
      .init("completed", .flag, "It was finished, or its last card was answered.") { $0.end?.isCompleted ?? false },
      .init("duration_seconds", .count, "Without pauses of more than ten minutes.") {
        $0.end?.durationSeconds ?? $0.activeMilliseconds / 1000
      },
      .init("total_cards_seen", .count, "Cards asked, each once.") { $0.cardsSeen },
      .init("learned_cards", .count, "Of them, those whose last answer left nothing more to ask.") { $0.cardsKnown },
      .init("answers", .count) { $0.answers },
    ])
}

/// A deck in a path, as `{deck_id}`.
struct DeckPath: RequestObject {
  struct Fields: FieldSet {
    let deck = Field("deck_id", .id)
  }

  let deck: Int64

  init(_ given: Given<Fields>) { deck = given.deck }
}

struct SessionPath: RequestObject {
  struct Fields: FieldSet {
    let session = Field("session_id", .id)
  }

  let session: Int64

  init(_ given: Given<Fields>) { session = given.session }
}

struct ModeQuery: RequestObject {
  struct Fields: FieldSet {
    let mode = Field(optional: "mode", .choice(of: StudyMode.self), "As in the body, which goes before.")
  }

  let mode: StudyMode?

  init(_ given: Given<Fields>) { mode = given.mode }
}

struct NewSession: RequestObject {
  struct Fields: FieldSet {
    let mode = Field(
      optional: "mode", .choice(of: StudyMode.self),
      "due: what is due, within the daily limits. all: every card once. cram: every card until it was right; the schedule stays as it is. Without it the session under way goes on, else due begins."
    )
  }

  let mode: StudyMode?

  init(_ given: Given<Fields>) { mode = given.mode }
}
