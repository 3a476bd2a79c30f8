import Testing

/// Arrows point down only: executable → capability → client → schema and small rooms → system libraries.
@Suite struct HouseArrowTests {
  private let package: PackageManifest

  init() throws { package = try PackageManifest(Repository.text("Package.swift")) }

  /// From the bottom. A small room may use those before it in its own line; nothing else uses its neighbours.
  private static let layers: [[String]] = [
    [
      "CRdKafka", "CLZ4", "CCurl", "CCrypto", "CHiredis", "CLibPQ", "CMalloc", "CScheduling", "CSodium", "CSwaggerUI",
      "CZlib", "CLibZip", "CSQLite", "CZstd",
    ],
    ["JSON", "CivilTime", "Blocking", "Digests", "Settings", "Telemetry", "EventSchema", "AnkiPackage"],
    ["HTTPClient"],
    ["ClickHouse", "Kafka", "Postgres", "Redis", "ObjectStore", "PlatformClient", "HTTPService"],
    ["Collector", "Audit", "Analytics", "DeadLetters", "Migrations", "Topics", "LoadGenerator"],
    // People who use the platform stand above its services, and know what those promise; no service knows them.
    ["School"],
    ["Kartoteka"],
  ]
  private static let smallRooms = 1
  /// Rooms of the services which every service may use; the second uses the first.
  private static let sharedByServices = ["ServiceContract", "ServiceStore"]

  /// Who may name which product of another package. A product that is not here is for no one.
  private static let products: [String: Set<String>] = [
    "Hummingbird": ["HTTPService", "Analytics", "Kartoteka"],
    "HummingbirdCore": ["HTTPService"],
    "ServiceLifecycle": ["HTTPService", "Kartoteka"],
    "UnixSignals": ["Kartoteka"],
    "Logging": ["Telemetry", "HTTPService", "Collector", "Analytics", "Kartoteka"],
    "CoreMetrics": ["Telemetry"],
    "ArgumentParser": ["Kartoteka"],
    "Yams": ["Topics"],
    "Histogram": ["LoadGenerator"],
  ]

  private var shipped: [PackageManifest.Target] {
    package.targets.values.filter { $0.kind != "testTarget" && $0.folder.hasPrefix("Sources/") }
  }

  private func height(_ name: String) -> (layer: Int, place: Int)? {
    for (layer, rooms) in Self.layers.enumerated() {
      if let place = rooms.firstIndex(of: name) { return (layer, place) }
    }
    // A service is a capability of its own.
    return package[name]?.folder.hasPrefix("Sources/Services/") == true ? (4, 0) : nil
  }

  @Test func arrowsPointDown() throws {
    #expect(shipped.count >= 20, "Package.swift could not be read")
    for target in shipped {
      let own = try #require(height(target.name), "\(target.name) has no layer: give it one in this test")
      for name in target.targets {
        let other = try #require(height(name), "\(target.name) uses \(name), which has no layer")
        let below = other.layer < own.layer
        let before = other.layer == own.layer && own.layer == Self.smallRooms && other.place < own.place
        let contract =
          Self.sharedByServices.contains(name) && target.name != "ServiceContract"
          && target.folder.hasPrefix("Sources/Services/")
        #expect(below || before || contract, "\(target.name) → \(name) does not point down")
      }
    }
  }

  @Test func productsOfOthersStayInTheirRooms() {
    for target in shipped {
      for product in target.products {
        let isService = target.folder.hasPrefix("Sources/Services/") && product != "ArgumentParser"
        #expect(
          Self.products[product]?.contains(target.name) == true || isService, "\(target.name) may not name \(product)")
      }
    }
  }

  /// The data plane: no HTTP framework, and no NIO.
  @Test func theCollectorLinksNoHTTPFramework() {
    let linked = package.closure(of: "Collector")
    #expect(linked.targets.isSuperset(of: ["ClickHouse", "Kafka", "EventSchema"]))
    #expect(linked.products.isSubset(of: ["Logging", "CoreMetrics"]), "Collector links \(linked.products.sorted())")
    #expect(!linked.targets.contains("HTTPService"))
    #expect(package.closure(of: "Analytics").products.contains("Hummingbird"), "the closure finds nothing")
  }

  /// SwiftPM lets a room import any module that was built; here it has to be declared. And what is declared is used.
  @Test func importsAreDeclared() throws {
    let toolchain: Set<String> = [
      "Swift", "Foundation", "FoundationNetworking", "Dispatch", "Synchronization", "Glibc", "RegexBuilder", "Testing",
    ]
    // Modules that come with a product.
    let modules = [
      "Hummingbird": [
        "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPTypes", "NIOEmbedded",
      ]
    ]
    var seen = 0
    for target in package.targets.values where target.kind != "systemLibrary" {
      let declared = Set(target.targets + target.products.flatMap { modules[$0] ?? [$0] })
      var used: Set<String> = []
      for (path, text) in try Repository.files(under: target.folder) where path.hasSuffix(".swift") {
        for match in text.matches(
          of: /(?m)^(?:@\w+ )?(?:package |public |internal )?import (?:struct |class |enum |func )?(\w+)/)
        {
          let module = String(match.1)
          seen += 1
          guard !toolchain.contains(module) else { continue }
          used.insert(module)
          #expect(declared.contains(module), "\(path) imports \(module), which \(target.name) does not declare")
        }
      }
      guard target.folder.hasPrefix("Sources/") else { continue }
      for name in target.targets {
        #expect(used.contains(name), "\(target.name) declares \(name) and imports it nowhere")
      }
    }
    #expect(seen > 300)
  }
}
