/// What a query of the reader may take, and the settings it may choose itself. All others are refused by `readonly = 1`.
package struct ReaderLimits: Sendable {
  package var executionSeconds = 30
  package var memoryBytes = 2_000_000_000
  package var rowsRead = 1_000_000_000
  package var resultRows = 10_000_000
  package var resultBytes = 2_000_000_000
  package var threads = 8

  package init() {}

  /// Settings that change how an answer looks or is told about, not what it costs.
  private static let free = [
    "log_comment", "cancel_http_readonly_queries_on_client_close", "http_write_exception_in_output_format",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "http_zlib_compression_level", "http_response_buffer_size", "date_time_output_format", "session_timezone",
    "format_csv_delimiter", "format_csv_null_representation", "joined_subquery_requires_alias", "max_block_size",
    "use_query_cache", "query_cache_ttl", "workload", "priority",
  ]

  /// The elements of a settings profile.
  /// - Parameter known: the settings the server knows; others are left out. `output_format_…` are all free.
  func elements(known: [String]) -> [String] {
    // A limit of 0 would be none, so each has a least value too.
    let lowered: [(String, String, String)] = [
      ("max_execution_time", "\(executionSeconds)", "0.001"), ("max_memory_usage", "\(memoryBytes)", "1"),
      ("max_rows_to_read", "\(rowsRead)", "1"), ("max_result_rows", "\(resultRows)", "1"),
      ("max_result_bytes", "\(resultBytes)", "1"), ("max_threads", "\(threads)", "1"),
      ("max_bytes_before_external_group_by", "\(memoryBytes / 2)", "1"),
      ("max_bytes_before_external_sort", "\(memoryBytes / 2)", "1"),
    ]
    let fixed = [
      ("readonly", "1"), ("timeout_overflow_mode", "'throw'"), ("read_overflow_mode", "'throw'"),
      ("result_overflow_mode", "'throw'"), ("allow_ddl", "0"), ("allow_introspection_functions", "0"),
    ]
    // ClickHouse 25.5 remembers for a condition which rows it matched, and takes `x IN (SELECT …)` for the same condition
    // when the inner answer has changed.
    let exact = known.contains("use_query_condition_cache") ? ["use_query_condition_cache = 0 CONST"] : []
    let changeable = Set(Self.free).intersection(known).union(known.filter { $0.hasPrefix("output_format_") }).sorted()
    return fixed.map { "\($0) = \($1) CONST" } + exact
      + lowered.filter { known.contains($0.0) }.map { "\($0) = \($1) MIN \($2) MAX \($1) CHANGEABLE_IN_READONLY" }
      + changeable.map { "\($0) CHANGEABLE_IN_READONLY" }
  }
}
