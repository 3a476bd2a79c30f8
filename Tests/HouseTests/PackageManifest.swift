import Foundation

/// The targets of Package.swift, read from its text: SwiftPM's own dump would wait for the lock that `swift test` holds.
struct PackageManifest {
  struct Target {
    let kind: String
    let name: String
    /// From the repository's root.
    let folder: String
    /// Other targets of this package, by name.
    var targets: [String] = []
    /// Products of other packages, by name.
    var products: [String] = []
  }

  let targets: [String: Target]

  subscript(_ name: String) -> Target? { targets[name] }

  /// All that `name` is linked with: targets of this package and products of others.
  func closure(of name: String) -> (targets: Set<String>, products: Set<String>) {
    var found: (targets: Set<String>, products: Set<String>) = ([], [])
    var open = [name]
    while let next = open.popLast(), let target = targets[next] {
      found.products.formUnion(target.products)
      open += target.targets.filter { found.targets.insert($0).inserted }
    }
    return found
  }

  init(_ text: String) throws {
    let code = text.replacing(/\/\/[^\n]*/, with: "")
    var products: [Substring: String] = [:]
    for match in code.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "([^"]+)"/) {
      products[match.1] = String(match.2)
    }
    var found: [String: Target] = [:]
    for match in code.matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "([^"]+)"/) {
      let (kind, name) = (String(match.1), String(match.2))
      let declaration = Self.bracketed(code[match.range.lowerBound...], "(", ")")
      let standard = kind == "testTarget" ? "Tests/\(name)" : "Sources/\(name)"
      let path = declaration.firstMatch(of: /\bpath: "([^"]+)"/).map { String($0.1) } ?? standard
      var target = Target(kind: kind, name: name, folder: path)
      if let start = declaration.firstRange(of: "dependencies:") {
        let list = Self.bracketed(declaration[start.upperBound...], "[", "]")
        for product in list.matches(of: /\.product\(name: "([^"]+)"/) { target.products.append(String(product.1)) }
        let rest = list.replacing(/\.product\([^)]*\)/, with: "")
        target.targets = rest.matches(of: /"([^"]+)"/).map { String($0.1) }
        for (variable, product) in products where rest.contains(try Regex("\\b\(variable)\\b")) {
          target.products.append(product)
        }
      }
      found[name] = target
    }
    targets = found
  }

  /// From the first `open` to its `close`.
  private static func bracketed(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
    guard let start = text.firstIndex(of: open) else { return "" }
    var depth = 0
    for index in text[start...].indices {
      if text[index] == open { depth += 1 }
      if text[index] == close { depth -= 1 }
      if depth == 0 { return text[start...index] }
    }
    return text[start...]
  }
}
