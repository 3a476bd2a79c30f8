/// Bytes that keep their place, so that they can be lent between calls.
final class LentBytes {
  private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
  private var count = 0

  deinit { storage.deallocate() }

  /// Valid until the next `replace`.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[0..<count]) }

  func replace(with new: [UInt8]) {
    if new.count > storage.count {
      storage.deallocate()
      storage = .allocate(byteCount: new.count * 2, alignment: 1)
    }
    storage.copyBytes(from: new)
    count = new.count
  }
}
