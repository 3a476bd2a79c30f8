import CivilTime

/// Writes JSON values one after another into a buffer it owns. The load generator writes millions a second with it: bytes
/// into memory, where the JSON room's writers make strings.
///
/// `reserve` makes room for a whole event first, so that no write checks for it.
struct WireWriter: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0
  /// The date written last: its day since 1970, and "YYYY-MM-DD".
  private var cachedDay = Int.min
  private let cachedDate: UnsafeMutableRawPointer

  init(capacity: Int = 1024) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
    cachedDate = .allocate(byteCount: 16, alignment: 16)
    cachedDate.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
  }

  deinit {
    base.deallocate()
    cachedDate.deallocate()
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Starts over, with room for `bytes`.
  mutating func reset(reserving bytes: Int) {
    count = 0
    guard bytes > capacity else { return }
    base.deallocate()
    capacity = max(bytes, capacity * 2)
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  @inline(__always) mutating func put(byte: UInt8) {
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  @inline(__always) mutating func put(_ bytes: UnsafeRawPointer, count added: Int) {
    (base + count).copyMemory(from: bytes, byteCount: added)
    count &+= added
  }

  mutating func put(_ value: UInt64) {
    var digits = 1
    var limit: UInt64 = 10
    while digits < 20 && value >= limit {
      digits &+= 1
      limit = digits < 20 ? limit &* 10 : .max
    }
    var rest = value
    var index = count &+ digits
    repeat {
      index &-= 1
      let quotient = rest / 10
      base.storeBytes(of: UInt8(truncatingIfNeeded: rest &- quotient &* 10) | 0x30, toByteOffset: index, as: UInt8.self)
      rest = quotient
    } while index > count
    count &+= digits
  }

  @inline(__always) mutating func put(_ value: Bool) {
    if value { put(literal: "true") } else { put(literal: "false") }
  }

  @inline(__always) mutating func put(literal: StaticString) {
    put(literal.utf8Start, count: literal.utf8CodeUnitCount)
  }

  /// The shortest text that reads back as the same double; `null` when it is not finite, which no reader takes for a
  /// number.
  mutating func put(_ value: Double) {
    guard value.isFinite else { return put(literal: "null") }
    if value >= 0 && value < 1e9 {
      // Division by a power of ten rounds correctly, so equality means the decimal reads back as the value.
      var power = 1.0
      for places in 0...4 {
        let scaled = (value * power).rounded()
        if scaled / power == value { return put(UInt64(scaled), places: places) }
        power *= 10
      }
    }
    var text = value.description
    text.withUTF8 { put(UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped), count: $0.count) }
  }

  /// `digits` / 10^`places`.
  private mutating func put(_ digits: UInt64, places: Int) {
    var power: UInt64 = 1
    for _ in 0..<places { power *= 10 }
    put(digits / power)
    put(byte: 0x2E)
    guard places > 0 else { return put(byte: 0x30) }
    var rest = digits % power
    for _ in 0..<places {
      power /= 10
      put(byte: UInt8(truncatingIfNeeded: rest / power) | 0x30)
      rest %= power
    }
  }

  /// A time in UTC, "2026-11-22T10:30:00.125Z" in quotes; clamped to the years 0 to 9999.
  mutating func put(milliseconds: Int64) {
    let clamped = Int(min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999))
    var day = clamped / 86_400_000
    var rest = clamped % 86_400_000
    if rest < 0 {
      day -= 1
      rest += 86_400_000
    }
    if day != cachedDay { writeDate(day) }
    put(byte: 0x22)
    put(cachedDate, count: 10)
    put(byte: 0x54)
    putPair(rest / 3_600_000)
    put(byte: 0x3A)
    putPair(rest / 60_000 % 60)
    put(byte: 0x3A)
    putPair(rest / 1000 % 60)
    put(byte: 0x2E)
    put(byte: UInt8(truncatingIfNeeded: rest % 1000 / 100) | 0x30)
    putPair(rest % 100)
    put(byte: 0x5A)
    put(byte: 0x22)
  }

  @inline(__always) private mutating func putPair(_ value: Int) {
    put(byte: UInt8(truncatingIfNeeded: value / 10) | 0x30)
    put(byte: UInt8(truncatingIfNeeded: value % 10) | 0x30)
  }

  @inline(never) private mutating func writeDate(_ day: Int) {
    let (year, month, dayOfMonth) = CivilDate(day: day).components
    func store(_ value: Int, at index: Int) {
      cachedDate.storeBytes(of: UInt8(truncatingIfNeeded: value / 10) | 0x30, toByteOffset: index, as: UInt8.self)
      cachedDate.storeBytes(of: UInt8(truncatingIfNeeded: value % 10) | 0x30, toByteOffset: index + 1, as: UInt8.self)
    }
    store(year / 100, at: 0)
    store(year % 100, at: 2)
    cachedDate.storeBytes(of: 0x2D, toByteOffset: 4, as: UInt8.self)
    store(month, at: 5)
    cachedDate.storeBytes(of: 0x2D, toByteOffset: 7, as: UInt8.self)
    store(dayOfMonth, at: 8)
    cachedDay = day
  }

  /// A UUID in quotes, lower case.
  mutating func put(_ id: EventID) {
    put(byte: 0x22)
    putDigits(id.high &>> 32, 8)
    put(byte: 0x2D)
    putDigits(id.high &>> 16, 4)
    put(byte: 0x2D)
    putDigits(id.high, 4)
    put(byte: 0x2D)
    putDigits(id.low &>> 48, 4)
    put(byte: 0x2D)
    putDigits(id.low, 12)
    put(byte: 0x22)
  }

  @inline(__always) private mutating func putDigits(_ value: UInt64, _ digits: Int) {
    var shift = 4 &* digits
    while shift > 0 {
      shift &-= 4
      let digit = UInt8(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: shift)) & 0xF
      put(byte: digit &+ (digit > 9 ? 0x57 : 0x30))
    }
  }

  /// A string in quotes. At most six bytes of output a byte of input, and two.
  mutating func put(_ text: String) {
    put(byte: 0x22)
    var text = text
    text.withUTF8 { utf8 in
      for byte in utf8 {
        if byte >= 0x20 && byte != 0x22 && byte != 0x5C {
          put(byte: byte)
        } else if byte >= 0x20 {
          put(byte: 0x5C)
          put(byte: byte)
        } else {
          put(literal: "\\u00")
          putDigits(UInt64(byte), 2)
        }
      }
    }
    put(byte: 0x22)
  }
}
