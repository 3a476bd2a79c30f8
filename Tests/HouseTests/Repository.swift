import Foundation

/// The files of this repository.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Text files under `folder` by their path from the root; caches and binaries are left out.
  static func files(under folder: String) throws -> [(path: String, text: String)] {
    let base = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: [.isRegularFileKey]) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return walk.compactMap { entry in
      guard let url = entry as? URL, !url.path.contains("__pycache__"),
        (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
        let text = try? String(contentsOf: url, encoding: .utf8)
      else { return nil }
      return (String(url.path.dropFirst(root.path.count + 1)), text)
    }.sorted { $0.path < $1.path }
  }
}
