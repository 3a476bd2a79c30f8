/// What a caller should do about a ``ClickHouseError``.
package enum Disposition: Sendable, Equatable {
  /// Passes by itself: try the same again after a pause.
  case transient
  /// The server has too much to do: try the same again, and slow down.
  case backpressure
  /// Wrong schema, rights, address or settings: nothing helps until somebody changes them. Keep the data and say so
  /// loudly.
  case misconfiguration
  /// The data or the query text itself is refused: the same bytes will be refused again.
  case data

  /// Sorts a ClickHouse error code. A code not listed is `transient`: trying again loses nothing.
  package init(serverCode: Int) {
    switch serverCode {
    // CANNOT_ALLOCATE_MEMORY, QUOTA_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, NO_FREE_CONNECTION, MEMORY_LIMIT_EXCEEDED,
    // NOT_ENOUGH_SPACE, TOO_MANY_PARTS, LIMIT_EXCEEDED, CANNOT_SCHEDULE_TASK, RECEIVED_ERROR_TOO_MANY_REQUESTS,
    // SERVER_OVERLOADED
    case 173, 201, 202, 203, 241, 243, 252, 290, 439, 364, 745: self = .backpressure

    // THERE_IS_NO_COLUMN, NOT_FOUND_COLUMN_IN_BLOCK, NO_SUCH_COLUMN_IN_TABLE, NUMBER_OF_COLUMNS_DOESNT_MATCH,
    // BAD_ARGUMENTS, UNKNOWN_IDENTIFIER, NOT_IMPLEMENTED, TYPE_MISMATCH, UNKNOWN_TABLE, UNKNOWN_FORMAT,
    // UNKNOWN_DATABASE, UNKNOWN_SETTING, READONLY
    case 8, 10, 16, 20, 36, 47, 48, 53, 60, 73, 81, 115, 164: self = .misconfiguration
    // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, IP_ADDRESS_NOT_ALLOWED, UNKNOWN_ADDRESS_PATTERN_TYPE,
    // DATABASE_ACCESS_DENIED, QUERY_IS_PROHIBITED, SETTING_CONSTRAINT_VIOLATION, ACCESS_DENIED, UNKNOWN_ROLE,
    // AUTHENTICATION_FAILED, SUPPORT_IS_DISABLED
    case 192, 193, 194, 195, 291, 344, 392, 452, 497, 511, 516: self = .misconfiguration

    // CANNOT_PARSE_TEXT, SIZES_OF_COLUMNS_DOESNT_MATCH, CANNOT_PARSE_QUOTED_STRING,
    // CANNOT_PARSE_INPUT_ASSERTION_FAILED, CANNOT_READ_ALL_DATA, CANNOT_PARSE_DATE, CANNOT_PARSE_DATETIME,
    // CANNOT_PARSE_NUMBER, ILLEGAL_TYPE_OF_ARGUMENT, ILLEGAL_COLUMN, UNKNOWN_FUNCTION, UNKNOWN_TYPE, SYNTAX_ERROR,
    // ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE
    case 6, 9, 26, 27, 33, 38, 41, 42, 43, 44, 46, 50, 62, 69, 70, 72: self = .data
    // INCORRECT_DATA, TOO_LARGE_ARRAY_SIZE, TOO_LARGE_STRING_SIZE, ILLEGAL_DIVISION, SIZES_OF_ARRAYS_DONT_MATCH,
    // UNKNOWN_COMPRESSION_METHOD, BAD_QUERY_PARAMETER and the like: what was sent cannot be read or stored.
    case 89, 117, 128, 131, 153, 190, 215, 321, 349, 376, 395, 407, 432, 441, 457, 469: self = .data

    default: self = .transient
    }
  }
}
