import CMalloc

/// How this process uses the C library's allocator.
enum Allocator {
  /// Keeps large blocks instead of giving each back to the kernel, which would hand it out again zeroed, page by page:
  /// librdkafka allocates megabytes for every fetch and every decompressed batch, and that was a fifth of the collector's
  /// CPU time. Two arenas, because what one thread frees in an arena of its own no other thread can use again.
  static func keepLargeBlocks() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 64 << 20)
    mallopt(M_TOP_PAD, 4 << 20)
    mallopt(M_ARENA_MAX, 2)
  }
}
