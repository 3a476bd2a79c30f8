import Digests

/// A Lua script, which Redis runs as one step. Redis knows it by its SHA-1, which is known here beforehand: its text travels
/// only when the server has forgotten it.
package struct RedisScript: Sendable {
  package let source: String
  /// 40 lower-case hexadecimal digits.
  package let sha1: String

  package init(_ source: String) {
    self.source = source
    sha1 = Digest.sha1.hexadecimal(of: Array(source.utf8))
  }

  /// Runs it if the server has it, else is refused with `NOSCRIPT`; for pipelines, whose caller has to look.
  package func command(keys: [any RedisArgument] = [], arguments: [any RedisArgument] = []) -> RedisCommand {
    RedisCommand("EVALSHA", arguments: [sha1, keys.count] + keys + arguments)
  }

  /// Runs it, and leaves it with the server.
  func commandWithSource(keys: [any RedisArgument], arguments: [any RedisArgument]) -> RedisCommand {
    RedisCommand("EVAL", arguments: [source, keys.count] + keys + arguments)
  }
}
