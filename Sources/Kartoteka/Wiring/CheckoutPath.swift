import Foundation

/// Finds a file or folder that belongs to the checkout: from the working directory, else up the tree from the executable,
/// so that `.build/release/kartoteka` works from anywhere.
enum CheckoutPath {
  /// `nil` when there is none of that name.
  static func find(_ relative: String) -> String? {
    let files = FileManager.default
    if files.fileExists(atPath: relative) { return relative }
    guard let executable = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    var folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent(relative).path
      if files.fileExists(atPath: candidate) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    return nil
  }
}
