import CRdKafka

/// Which librdkafka may be loaded: not the one whose headers this was built with, but the one that the loader finds.
package enum LibraryVersion {
  /// The oldest that `scripts/setup` leaves in place, 2.3.0, as `rd_kafka_version` writes it: a byte each of major, minor and
  /// revision, and one for pre-releases, 0xff for none. Where the system's is older, setup brings a newer one.
  package static let oldest: Int32 = 0x0203_00ff

  /// Why a library cannot be used, in one sentence with what to do about it; nil when it can.
  ///
  /// Debian 12's 2.0.2 cannot talk to a broker that knows only recent requests, and says `_TRANSPORT`, and nothing of why.
  /// - Parameter version: as `rd_kafka_version` writes it.
  package static func refusal(of version: Int32 = rd_kafka_version()) -> String? {
    guard version < oldest else { return nil }
    return "librdkafka \(text(version)) is loaded, which is too old: run scripts/setup, which brings a newer one, or "
      + "name the folder of librdkafka \(text(oldest)) or newer in LD_LIBRARY_PATH"
  }

  private static func text(_ version: Int32) -> String {
    [24, 16, 8].map { "\(version >> $0 & 0xff)" }.joined(separator: ".")
  }
}
