/// A block of rows: named columns of equal length.
public struct NativeBlock: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    public var name: String
    /// The type as ClickHouse writes it, such as `DateTime64(3, 'UTC')`.
    public var type: String
    public var values: NativeColumn

    public init(name: String, type: String, values: NativeColumn) {
      self.name = name
      self.type = type
      self.values = values
    }
  }

  public var columns: [Column]
  public let rows: Int

  public init(columns: [Column], rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The values of the first column of that name.
  public subscript(name: String) -> NativeColumn? { columns.first { $0.name == name }?.values }
}
