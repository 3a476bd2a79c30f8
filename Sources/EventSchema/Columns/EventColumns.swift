/// Rows of events as columns, ready to become one Native block.
///
/// Memory is raw: each column is one allocation that lives as long as the object, a row is written to `base + row *
/// width`, and a row not yet committed is undone by zeroing it. Arrays would pay a uniqueness and a bounds check on each
/// of some twenty stores an event. The pointers leave the module only through `withColumn`.
///
/// Confined to one thread at a time; deliberately not `Sendable`.
public final class EventColumns {
  /// Rows there is room for.
  public let capacity: Int
  /// String bytes after which `isFull` turns true. One more message, at most 1 MiB, may go past it.
  public let stringByteLimit: Int

  /// Per column: fixed values, dictionary indices (`UInt32`), or string end offsets (`UInt32`). Rows not committed are
  /// zero.
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// Per column: bytes a row at `bases`.
  let widths: UnsafeMutablePointer<Int>
  /// Per row: a bit for each column of `EventColumn.nullable`, set where the value is known.
  let known: UnsafeMutablePointer<UInt8>
  /// A NULL map while `withColumn` lends it.
  let nullMap: UnsafeMutablePointer<UInt8>
  /// Behind a pointer, so that the hot path pays no exclusivity checks.
  let state: UnsafeMutablePointer<State>

  /// What changes with each row.
  struct State: ~Copyable {
    var rows = 0
    var minOccurredAtMs = Int64.max
    var maxOccurredAtMs = Int64.min
    var types = StringDictionary()
    var producers = StringDictionary()
    var domains = StringDictionary()
    var timezones = StringDictionary()
    var emails = TextRows()
    var titles = TextRows()
    /// Bytes of all strings but the producers'.
    var textBytes = 0
    /// Per type: rows so far, and the index in `types` (0 until the first row).
    let typeRows: UnsafeMutablePointer<Int>
    let typeIndices: UnsafeMutablePointer<UInt32>

    init() {
      typeRows = .allocate(capacity: EventType.allCases.count)
      typeIndices = .allocate(capacity: EventType.allCases.count)
      typeRows.initialize(repeating: 0, count: EventType.allCases.count)
      typeIndices.initialize(repeating: 0, count: EventType.allCases.count)
    }

    deinit {
      typeRows.deallocate()
      typeIndices.deallocate()
    }

    @inline(__always) var stringBytes: Int { producers.byteCount &+ textBytes }
  }

  /// - Parameters:
  ///   - capacity: rows, at least 1.
  ///   - stringByteLimit: see the property.
  public init(capacity: Int, stringByteLimit: Int = 64 << 20) {
    precondition(capacity > 0, "EventColumns needs room for at least one row")
    self.capacity = capacity
    self.stringByteLimit = stringByteLimit
    bases = .allocate(capacity: EventColumn.allCases.count)
    widths = .allocate(capacity: EventColumn.allCases.count)
    for column in EventColumn.allCases {
      let width =
        switch column.type.storage {
        case .fixed(let width), .nullable(let width): width
        case .string, .lowCardinality: MemoryLayout<UInt32>.stride
        }
      let base = UnsafeMutableRawPointer.allocate(byteCount: capacity * width, alignment: 64)
      base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * width)
      (bases + column.index).initialize(to: base)
      (widths + column.index).initialize(to: width)
    }
    precondition(EventColumn.nullable.count <= UInt8.bitWidth, "a row has eight bits for what is known")
    known = .allocate(capacity: capacity)
    known.initialize(repeating: 0, count: capacity)
    nullMap = .allocate(capacity: capacity)
    nullMap.initialize(repeating: 0, count: capacity)
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    for column in EventColumn.allCases { bases[column.index].deallocate() }
    bases.deallocate()
    widths.deallocate()
    known.deallocate()
    nullMap.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Forgets all rows and keeps the memory; costs as much as was used.
  public func reset() {
    for column in EventColumn.allCases {
      bases[column.index].initializeMemory(
        as: UInt8.self, repeating: 0, count: state.pointee.rows * widths[column.index])
    }
    known.update(repeating: 0, count: state.pointee.rows)
    state.pointee.rows = 0
    state.pointee.minOccurredAtMs = .max
    state.pointee.maxOccurredAtMs = .min
    state.pointee.types.removeAll()
    state.pointee.producers.removeAll()
    state.pointee.domains.removeAll()
    state.pointee.timezones.removeAll()
    state.pointee.emails.removeAll()
    state.pointee.titles.removeAll()
    state.pointee.textBytes = 0
    state.pointee.typeRows.update(repeating: 0, count: EventType.allCases.count)
    state.pointee.typeIndices.update(repeating: 0, count: EventType.allCases.count)
  }

  /// Whether a row whose strings take at most `count` bytes can be appended; string offsets have 32 bits.
  @inline(__always) func hasRoom(forStringBytes count: Int) -> Bool {
    state.pointee.rows < capacity && state.pointee.stringBytes &+ count < Int(UInt32.max)
  }

  /// Zeroes the row being written.
  @inline(never) func clearRow() {
    for column in 0..<EventColumn.allCases.count { clear(column) }
  }

  /// Zeroes one column of the row being written.
  func clear(_ column: Int) {
    let width = widths[column]
    (bases[column] + state.pointee.rows * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
  }
}
