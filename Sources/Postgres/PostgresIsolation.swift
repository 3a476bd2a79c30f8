/// What a transaction sees of others; the raw value is SQL's.
package enum PostgresIsolation: String, Sendable {
  case readCommitted = "READ COMMITTED"
  /// One snapshot for all its statements; 40001 if it would overwrite what changed since.
  case repeatableRead = "REPEATABLE READ"
  /// As if transactions ran one after the other; 40001 where they cannot have.
  case serializable = "SERIALIZABLE"
}
