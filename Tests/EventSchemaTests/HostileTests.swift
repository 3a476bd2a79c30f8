import EventSchema
import Testing

/// Inputs made to break a reader. Not crashing is most of the test; the verdicts must be the reference's too.
@Suite struct HostileTests {
  private func agree(_ bytes: [UInt8], _ decoder: inout EventDecoder, _ columns: EventColumns) {
    columns.reset()
    let verdict = decoder.decode(bytes, offset: 7, kafkaTimestampMs: 1_800_000_000_000, into: columns)
    let reference = ReferenceDecoder().decode(bytes, offset: 7, kafkaTimestampMs: 1_800_000_000_000)
    // Asked a few hundred thousand times, so the costly form only for what is wrong.
    if verdict != reference.verdict || (columns.isEmpty ? nil : columns.row(0)) != reference.row {
      Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(verdict), reference \(reference.verdict)")
    }
  }

  private static let samples: [[UInt8]] = {
    var samples = SampleEvents(seed: 10)
    let plain = EventType.allCases.map { samples.event($0).wire }
    return plain + [
      Array(
        #"{"payload":{"user_id":2,"deleted_at":"2024-02-29t10:00:00.5+01:00"},"producer":"\u00e9\ud83d\ude00","#.utf8)
        + Array(#""event_id":"5E2824ED-2ded-5086-be89-cd34874d1af7","x":[{},[1.5e-3,null]],"#.utf8)
        + Array(#""occured_at":"2024-02-29 10:00:00","event_version":1.0,"event_type":"user_deleted"}"#.utf8),
      Array(
        #"{"event_id":"5e2824ed-2ded-5086-be89-cd34874d1af7","event_type":"card_answered","producer":"p","#.utf8)
        + Array(#""occured_at":"2024-02-29T10:00:00Z","payload":{"session_id":1,"user_id":2,"deck_id":3,"#.utf8)
        + Array(#""card_id":4,"correct":true,"answer_time_ms":5,"answered_at":"2024-02-29T10:00:00Z","#.utf8)
        + Array(#""since_previous_sec":60,"scheduled_days":0,"stability":3.25,"retrievability":0.875,"#.utf8)
        + Array(#""due_at":"2061-03-01T10:00:00.000Z"}}"#.utf8),
    ]
  }()

  @Test func everyTruncation() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    for sample in Self.samples {
      for count in 0...sample.count {
        agree(Array(sample[..<count]), &decoder, columns)
        // Also with the brace that the pass relies on.
        agree(Array(sample[..<count]) + [0x7D], &decoder, columns)
      }
    }
  }

  @Test func everyByteChanged() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    let bytes: [UInt8] = [
      0, 9, 10, 0x20, 0x22, 0x2C, 0x2D, 0x2E, 0x30, 0x3A, 0x5C, 0x65, 0x7B, 0x7D, 0x7F, 0x80, 0xC3, 0xFF,
    ]
    for sample in Self.samples[..<6] + Self.samples[20...] {
      for index in sample.indices {
        var changed = sample
        for byte in bytes where byte != sample[index] {
          changed[index] = byte
          agree(changed, &decoder, columns)
        }
      }
    }
  }

  @Test func everyValueOfOneByte() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    let sample = Self.samples[EventType.allCases.count]
    for index in sample.indices {
      var changed = sample
      for byte: UInt8 in 0...255 {
        changed[index] = byte
        agree(changed, &decoder, columns)
      }
    }
  }

  @Test func greatBodies() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    let limit = 1 << 20
    for byte in Array("[{\"\\ 0-1ae.:,tnN}]\u{0}".utf8) {
      _ = decoder.decode([UInt8](repeating: byte, count: limit), offset: 0, kafkaTimestampMs: -1, into: columns)
      for opening in [
        "{\"a\":", "{\"event_id\":", "{\"event_type\":\"user_deleted\",\"payload\":{\"user_id\":", "{\"producer\":\"",
      ] {
        let body = Array(opening.utf8) + [UInt8](repeating: byte, count: limit - opening.utf8.count - 1) + [0x7D]
        _ = decoder.decode(body, offset: 0, kafkaTimestampMs: -1, into: columns)
      }
    }
    #expect(columns.isEmpty)
    let keys = (0..<40_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
    #expect(
      decoder.decode(Array("{\(keys)}".utf8), offset: 0, kafkaTimestampMs: -1, into: columns)
        == .invalid(.missingField))
    let digits = String(repeating: "9", count: 900_000)
    let sample = String(decoding: Self.samples[19], as: UTF8.self)
    for number in [
      digits, "0." + digits, digits + "e-900000", "1e-" + digits,
      "1" + String(repeating: "0", count: 900_000) + "e-900000",
    ] {
      let text = sample.replacing(#/"user_id":\d+/#, with: "\"user_id\":\(number)")
      let verdict = decoder.decode(Array(text.utf8), offset: 0, kafkaTimestampMs: -1, into: columns)
      #expect(verdict != .event(.userDeleted) || number.hasPrefix("10"))
    }
    columns.reset()
    let producer = String(repeating: #"\u00e9"#, count: 150_000)
    let long = sample.replacing(#/"producer":"(\\.|[^"\\])*"/#, with: "\"producer\":\"\(producer)\"")
    #expect(
      decoder.decode(Array(long.utf8), offset: 0, kafkaTimestampMs: -1, into: columns) == .event(.userDeleted))
    #expect(columns.cell(.producer, 0) == .text(String(repeating: "é", count: 150_000)))
  }

  /// What lies after a message must not matter: here it would complete each truncated one.
  @Test func bytesAfterTheMessageAreNotRead() {
    var decoder = EventDecoder()
    let columns = EventColumns(capacity: 1)
    for sample in Self.samples {
      let padded = sample + [UInt8](repeating: 0x7D, count: EventDecoder.padding)
      for count in 0...sample.count {
        columns.reset()
        let verdict = padded.withUnsafeBytes {
          decoder.decode(
            UnsafeRawBufferPointer(rebasing: $0[..<count]), offset: 7, kafkaTimestampMs: -1, into: columns)
        }
        #expect(verdict == decode(Array(sample[..<count])).verdict)
      }
    }
  }
}
