import EventSchema
import Testing

@Suite struct CatalogueTests {
  @Test func typesHaveNamesOfTheirOwn() {
    #expect(Set(EventType.allCases.map(\.name)).count == EventType.allCases.count)
    for type in EventType.allCases {
      #expect(EventType(name: type.name) == type)
      #expect(Catalogue.v1[type].type == type)
    }
    #expect(EventType(name: "nonsense") == nil)
  }

  @Test func everyColumnIsFilledBySomeField() {
    let derived: Set<EventColumn> = [.kafkaOffset, .emailHash, .emailDomain]
    let filled = Set((Catalogue.v1.envelope + Catalogue.v1.events.flatMap(\.payload)).compactMap(\.column))
    #expect(filled.union(derived) == Set(Catalogue.v1.columns))
    #expect(Set(Catalogue.v1.columns.map(\.name)).count == Catalogue.v1.columns.count)
  }

  @Test func topicsCarryWhatTheContractSays() {
    let byTopic = Dictionary(grouping: Catalogue.v1.events, by: \.topic).mapValues(\.count)
    #expect(byTopic == [.learning: 4, .course: 11, .content: 6, .user: 4])
    #expect(Catalogue.v1.topics.map(\.name) == ["learning.events", "course.events", "content.events", "user.events"])
  }

  @Test func theFingerprintFollowsTheSettings() {
    let catalogue = Catalogue.v1
    #expect(catalogue.fingerprint == catalogue.fingerprint(settings: EventSettings()))
    #expect(catalogue.fingerprint != catalogue.fingerprint(settings: EventSettings(keepsEmail: true)))
    #expect(
      catalogue.fingerprint != catalogue.fingerprint(settings: EventSettings(emailHashKey: SipHash(k0: 1, k1: 0))))
  }
}
