import Postgres

/// The tables that this room works on, as it expects them. The service's first migration makes them.
enum StoreSchema {
  private static let tables = [
    "idempotency_keys": "person_id bigint, operation text, key text, body_hash bytea, status integer, reply text, "
      + "created_at timestamp with time zone",
    "outbox":
      "id bigint, xid xid8, event_id uuid, topic text, key text, value text, created_at timestamp with time zone",
    "outbox_parked": "id bigint, xid xid8, event_id uuid, topic text, key text, value text, "
      + "created_at timestamp with time zone, parked_at timestamp with time zone, reason text",
  ]

  /// The columns that there are, a row a table.
  static let read = PostgresStatement(
    "store.schema",
    """
    SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid IN (to_regclass('outbox'), to_regclass('outbox_parked'), to_regclass('idempotency_keys'))
    GROUP BY c.relname
    """)

  /// What is wrong, in one sentence; nil if the tables are as they must be. Columns of others, behind ours, do no harm.
  static func problem(_ rows: PostgresRows) throws(PostgresError) -> String? {
    var found: [String: String] = [:]
    for row in rows { found[try row.value(0)] = try row.value(1, as: String.self) }
    for (table, columns) in tables.sorted(by: { $0.key < $1.key }) {
      guard let there = found[table] else { return "there is no table \(table): apply the service's migrations" }
      guard there == columns || there.hasPrefix(columns + ", ") else {
        return "the table \(table) has other columns than this version of the service: apply the service's migrations"
      }
    }
    return nil
  }
}
