import ClickHouse
import EventSchema

extension NativeBlockEncoder {
  /// Appends every column of the catalogue, in its order. With `frames`, hands over what fills a frame as it goes.
  package func append(_ columns: EventColumns, drainingInto frames: FrameCompressor? = nil) {
    for column in Catalogue.v1.columns {
      columns.withColumn(column) { values in
        switch values {
        case .fixed(let bytes): append(fixed: column.name, type: column.type.clickHouseName, bytes: bytes)
        case .nullable(let nulls, let bytes):
          append(nullable: column.name, type: column.type.clickHouseName, nulls: nulls, bytes: bytes)
        case .string(let ends, let bytes):
          append(strings: column.name, type: column.type.clickHouseName, ends: ends, bytes: bytes)
        case .lowCardinality(let ends, let bytes, let indices):
          append(lowCardinality: column.name, ends: ends, bytes: bytes, indices: indices)
        }
      }
      if let frames { drain(into: frames) }
    }
  }
}
