import ClickHouse
import Foundation
import RealServers

/// A POST as no client library would make it: it announces a longer body than it sends.
struct RawPost {
  private let configuration: ClickHouseConfiguration

  init(_ configuration: ClickHouseConfiguration) { self.configuration = configuration }

  /// Sends `body`, says that nothing more comes, and returns the answer.
  func send(query: String, settings: [String: String], body: [UInt8], announced: Int) throws -> String {
    guard let url = URLComponents(string: configuration.url), let host = url.host, let port = url.port else {
      throw Failure("no host and port in \(configuration.url)")
    }
    var target = URLComponents()
    target.path = "/"
    target.queryItems =
      settings.map { URLQueryItem(name: $0.key, value: $0.value) } + [
        URLQueryItem(name: "query", value: query), URLQueryItem(name: "database", value: configuration.database),
        URLQueryItem(name: "user", value: configuration.user),
        URLQueryItem(name: "password", value: configuration.password),
      ]
    let path = (target.string ?? "").replacing("+", with: "%2B")
    let head = "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(announced)\r\n\r\n"
    return try RawExchange.answer(host: host, port: port, to: Array(head.utf8) + body)
  }
}

/// Bytes as no client library would send them.
enum RawExchange {
  /// Sends `bytes`, says that nothing more comes, and returns all that is answered.
  static func answer(host: String, port: Int, to bytes: [UInt8]) throws -> String {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr(host == "localhost" ? "127.0.0.1" : host)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure("cannot connect to \(host):\(port)") }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress! + sent, $0.count - sent, 0) }
      guard count > 0 else { throw Failure("cannot send to \(host):\(port)") }
      sent += count
    }
    shutdown(socket, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
    return String(decoding: answer, as: UTF8.self)
  }
}
