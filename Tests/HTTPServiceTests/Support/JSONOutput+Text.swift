import HTTPService
import NIOCore

extension JSONOutput {
  init(capacity: Int) { self.init(ByteBufferAllocator().buffer(capacity: capacity)) }

  init(behind text: String) { self.init(ByteBuffer(string: text)) }

  var text: String { String(buffer: buffer) }
}
