import EventSchema
import Testing

@Suite struct SipHashTests {
  /// The first outputs of the reference implementation's `vectors_sip64`: key 00…0f, message 00, 00 01, …
  @Test func referenceVectors() {
    let hash = SipHash(k0: 0x0706_0504_0302_0100, k1: 0x0F0E_0D0C_0B0A_0908)
    let vectors: [UInt64] = [
      0x726f_db47_dd0e_0e31, 0x74f8_39c5_93dc_67fd, 0x0d6c_8009_d9a9_4f5a, 0x8567_6696_d7fb_7e2d,
      0xcf27_94e0_2771_87b7, 0x1876_5564_cd99_a68d, 0xcbc9_466e_58fe_e3ce, 0xab02_00f5_8b01_d137,
      0x93f5_f579_9a93_2462, 0x9e00_82df_0ba9_e4b0, 0x7a5d_bbc5_94dd_b9f3, 0xf4b3_2f46_226b_ada7,
      0x751e_8fbc_860e_e5fb, 0x14ea_5627_c084_3d90, 0xf723_ca90_8e7a_f2ee, 0xa129_ca61_49be_45e5,
    ]
    for (count, vector) in vectors.enumerated() {
      let message = (0..<UInt8(count)).map { $0 }
      #expect(message.withUnsafeBytes { hash.hash($0) } == vector, "\(count) bytes")
    }
  }

  /// `SELECT sipHash64Keyed((1::UInt64, 2::UInt64), 'ann@example.com')` on ClickHouse 25.5.
  @Test func equalsClickHouse() {
    #expect(SipHash(k0: 1, k1: 2).hash("ann@example.com") == 2_587_757_161_917_137_902)
  }

  @Test func keysAreReadFromHexadecimal() {
    #expect(
      EventSettings.parseKey("0001020304050607ffffffffffffffff") == SipHash(k0: 0x0001_0203_0405_0607, k1: .max))
    for text in ["", "00", "+001020304050607ffffffffffffffff", String(repeating: "g", count: 32)] {
      #expect(EventSettings.parseKey(text) == nil)
    }
  }

  @Test func settingsDoNotPrintTheKey() {
    let settings = EventSettings(emailHashKey: SipHash(k0: 123_456_789, k1: 987_654_321))
    #expect(!"\(settings)".contains("123456789"))
    #expect(!String(reflecting: settings).contains("987654321"))
  }
}
