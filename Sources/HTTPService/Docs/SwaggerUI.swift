import CSwaggerUI
import NIOCore

/// Swagger UI as the program has it inside. Empty where `make setup` had not fetched it before the build.
package enum SwaggerUI {
  package static let script = bytes(swagger_ui_script)
  package static let style = bytes(swagger_ui_style)

  private static func bytes(_ file: (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?) -> ByteBuffer {
    var length = 0
    let start = file(&length)
    return ByteBuffer(bytes: UnsafeRawBufferPointer(start: start, count: length))
  }
}
