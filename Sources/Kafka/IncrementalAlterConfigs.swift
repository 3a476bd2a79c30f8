import CRdKafka
import Glibc

/// librdkafka's calls for `IncrementalAlterConfigs`, the request that changes named entries and leaves all others alone.
///
/// They came with librdkafka 2.2; Debian 12's headers are of 2.0, while the library that is loaded is newer. So they are
/// looked up by name. Codes and signatures are those of `rdkafka.h` 2.2, which the library promises to keep.
struct IncrementalAlterConfigs {
  typealias AddEntry =
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32, UnsafePointer<CChar>?) -> OpaquePointer?
  typealias Request =
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>?, Int, OpaquePointer?, OpaquePointer?) -> Void
  typealias Result = @convention(c) (OpaquePointer?) -> OpaquePointer?
  typealias Resources =
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<OpaquePointer?>?

  /// `RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS`
  static let operation = rd_kafka_admin_op_t(rawValue: 16)
  /// `RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET`
  static let set: Int32 = 0

  let addEntry: AddEntry
  let request: Request
  let result: Result
  let resources: Resources

  init() throws(KafkaError) {
    addEntry = try Self.symbol("rd_kafka_ConfigResource_add_incremental_config", as: AddEntry.self)
    request = try Self.symbol("rd_kafka_IncrementalAlterConfigs", as: Request.self)
    result = try Self.symbol("rd_kafka_event_IncrementalAlterConfigs_result", as: Result.self)
    resources = try Self.symbol("rd_kafka_IncrementalAlterConfigs_result_resources", as: Resources.self)
  }

  private static func symbol<Function>(_ name: String, as type: Function.Type) throws(KafkaError) -> Function {
    guard let address = dlsym(nil, name) else {
      throw KafkaError(
        configuration: "librdkafka \(String(cString: rd_kafka_version_str())) is loaded, and changing a topic's "
          + "configuration needs 2.2 or newer: run scripts/setup, which brings one")
    }
    return unsafeBitCast(address, to: type)
  }
}
