/// A block of rows: named columns of equal length.
package struct NativeBlock: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package var name: String
    /// The type as ClickHouse writes it, such as `DateTime64(3, 'UTC')`.
    package var type: String
    package var values: NativeColumn

    package init(name: String, type: String, values: NativeColumn) {
      self.name = name
      self.type = type
      self.values = values
    }
  }

  package var columns: [Column]
  package let rows: Int

  package init(columns: [Column], rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The values of the first column of that name.
  package subscript(name: String) -> NativeColumn? { columns.first { $0.name == name }?.values }
}
