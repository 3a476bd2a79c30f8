import HTTPService
import NIOCore

extension JSONOutput {
  init(behind text: String) { self.init(ByteBuffer(string: text)) }

  var text: String { String(buffer: buffer) }
}
