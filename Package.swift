// swift-tools-version: 6.2
import PackageDescription

/// Applied to every Swift target: Swift 6 language mode comes with the tools version; a warning is an error.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// `make` puts a librdkafka newer than Debian's here; the loader looks there before the system's folders.
let localLibraries: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../../../.platform/lib"])
]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "kartoteka",
  products: [.executable(name: "kartoteka", targets: ["Kartoteka"])],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
  ],
  targets: [
    // System libraries: module maps and inline shims, nothing else.
    .systemLibrary(name: "CRdKafka", path: "Sources/System/CRdKafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(name: "CLZ4", path: "Sources/System/CLZ4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CCurl", path: "Sources/System/CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CCrypto", path: "Sources/System/CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CHiredis", path: "Sources/System/CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CLibPQ", path: "Sources/System/CLibPQ", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CMalloc", path: "Sources/System/CMalloc"),
    .systemLibrary(name: "CScheduling", path: "Sources/System/CScheduling"),
    .systemLibrary(name: "CZlib", path: "Sources/System/CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSodium", path: "Sources/System/CSodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CLibZip", path: "Sources/System/CLibZip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CSQLite", path: "Sources/System/CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZstd", path: "Sources/System/CZstd", providers: [.apt(["libzstd-dev"])]),
    // Swagger UI, which `make setup` fetches, as bytes of the program.
    .target(name: "CSwaggerUI", path: "Sources/System/CSwaggerUI"),

    // What an event is; no I/O.
    .target(name: "EventSchema", dependencies: ["CivilTime", "JSON"], swiftSettings: strict),

    // Small rooms that everything may use; none of them knows the network.
    .target(name: "JSON", swiftSettings: strict),
    .target(name: "CivilTime", swiftSettings: strict),
    .target(name: "Blocking", swiftSettings: strict),
    .target(name: "Digests", dependencies: ["CCrypto"], swiftSettings: strict),
    .target(name: "Settings", dependencies: ["JSON"], swiftSettings: strict),
    .target(
      name: "Telemetry", dependencies: ["CivilTime", "JSON", "Settings", logging, metrics], swiftSettings: strict),

    // Anki's packages of strangers, read.
    .target(
      name: "AnkiPackage", dependencies: ["Blocking", "CLibZip", "CSQLite", "CZstd", "JSON"], swiftSettings: strict),

    // HTTP requests by libcurl, for the wrappers of servers that speak it.
    .target(name: "HTTPClient", dependencies: ["Blocking", "CCurl"], swiftSettings: strict),

    // One thin wrapper a server.
    .target(name: "ClickHouse", dependencies: ["Blocking", "CLZ4", "HTTPClient"], swiftSettings: strict),
    .target(name: "Kafka", dependencies: ["CRdKafka"], swiftSettings: strict),
    .target(name: "Redis", dependencies: ["Blocking", "CHiredis", "Digests"], swiftSettings: strict),
    .target(
      name: "ObjectStore", dependencies: ["Blocking", "CivilTime", "Digests", "HTTPClient"], swiftSettings: strict),
    .target(name: "Postgres", dependencies: ["Blocking", "CLibPQ"], swiftSettings: strict),
    // The platform's own REST API, as its clients see it.
    .target(
      name: "PlatformClient", dependencies: ["Blocking", "Digests", "HTTPClient", "JSON"], swiftSettings: strict),

    // The only room that knows the HTTP framework's wiring.
    .target(
      name: "HTTPService",
      dependencies: [
        "CivilTime", "CSwaggerUI", "JSON", "Telemetry", hummingbird, hummingbirdCore, lifecycle, logging,
      ],
      resources: [.embedInCode("Docs/Assets/docs.html"), .embedInCode("Docs/Assets/docs.js")], swiftSettings: strict),

    // What the domain services have in common: who asks, pages, and what stands before every operation.
    .target(
      name: "ServiceContract",
      dependencies: [
        "Blocking", "Digests", "HTTPClient", "HTTPService", "JSON", "Settings", "Telemetry", hummingbird,
      ],
      path: "Sources/Services/Contract", swiftSettings: strict),

    // What services with a database have in common: the outbox and its relay, replies that are given again.
    .target(
      name: "ServiceStore",
      dependencies: [
        "Blocking", "CivilTime", "Digests", "EventSchema", "HTTPService", "JSON", "Kafka", "Postgres",
        "ServiceContract", "Telemetry", hummingbird, lifecycle, logging,
      ], path: "Sources/Services/Store", swiftSettings: strict),

    // What the product does.
    .target(
      name: "Collector",
      dependencies: ["Blocking", "CivilTime", "EventSchema", "ClickHouse", "Kafka", "Telemetry", "CMalloc", logging],
      swiftSettings: strict),
    .target(name: "Audit", dependencies: ["ClickHouse", "EventSchema", "Kafka"], swiftSettings: strict),
    .target(
      name: "Analytics",
      dependencies: [
        "Blocking", "CivilTime", "ClickHouse", "EventSchema", "HTTPService", "JSON", "Settings", "Telemetry",
        hummingbird, logging,
      ],
      // The dashboard is part of the binary, wherever that runs.
      resources: [
        .embedInCode("Dashboard/Assets/index.html"),
        .embedInCode("Dashboard/Assets/dashboard.css"),
        .embedInCode("Dashboard/Assets/main.js"),
        .embedInCode("Dashboard/Assets/state.js"),
        .embedInCode("Dashboard/Assets/api.js"),
        .embedInCode("Dashboard/Assets/chart.js"),
        .embedInCode("Dashboard/Assets/panels.js"),
        .embedInCode("Dashboard/Assets/format.js"),
        .embedInCode("Dashboard/Assets/elements.js"),
      ], swiftSettings: strict),
    .target(
      name: "DeadLetters", dependencies: ["Blocking", "EventSchema", "ClickHouse", "Kafka"], swiftSettings: strict),
    .target(
      name: "Migrations", dependencies: ["Blocking", "ClickHouse", "Digests", "Postgres"], swiftSettings: strict),
    .target(
      name: "Topics", dependencies: ["Kafka", .product(name: "Yams", package: "Yams")], swiftSettings: strict),
    .target(
      name: "LoadGenerator",
      dependencies: [
        "Blocking", "EventSchema", "ClickHouse", "Kafka", "CZlib",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ], swiftSettings: strict),

    // The domain services' rules.
    .target(
      name: "Auth",
      dependencies: [
        "CivilTime", "Digests", "HTTPService", "JSON", "Redis", "ServiceContract", "Telemetry", hummingbird, lifecycle,
        logging,
      ], path: "Sources/Services/Auth", swiftSettings: strict),
    .target(
      name: "Gateway",
      dependencies: [
        "Blocking", "Digests", "HTTPClient", "HTTPService", "Redis", "ServiceContract", "Settings", "Telemetry",
        hummingbird, logging, nio, nioHTTP, nioPosix,
      ], path: "Sources/Services/Gateway", swiftSettings: strict),
    .target(
      name: "Decks",
      dependencies: [
        "AnkiPackage", "Blocking", "CivilTime", "Digests", "EventSchema", "HTTPService", "Kafka", "ObjectStore",
        "Postgres", "ServiceContract", "ServiceStore", "Telemetry", hummingbird, lifecycle, logging,
      ], path: "Sources/Services/Decks", swiftSettings: strict),
    .target(
      name: "Users",
      dependencies: [
        "Blocking", "CivilTime", "CScheduling", "CSodium", "Digests", "EventSchema", "HTTPService", "JSON", "Postgres",
        "ServiceContract", "ServiceStore", "Telemetry", hummingbird, lifecycle, logging,
      ], path: "Sources/Services/Users", swiftSettings: strict),
    .target(
      name: "Teaching",
      dependencies: [
        "Blocking", "CivilTime", "EventSchema", "HTTPService", "JSON", "Kafka", "Postgres", "ServiceContract",
        "ServiceStore", "Telemetry", hummingbird, lifecycle, logging,
      ], path: "Sources/Services/Teaching", swiftSettings: strict),

    // People who use the platform, made up: a demonstration school, and load. Above the services that they use.
    .target(
      name: "School",
      dependencies: [
        "Blocking", "CivilTime", "ClickHouse", "CZlib", "Decks", "JSON", "LoadGenerator", "PlatformClient", "Settings",
      ],
      resources: [
        .embedInCode("Content/Texts/ru.txt"), .embedInCode("Content/Texts/en.txt"),
        .embedInCode("Content/Texts/de.txt"),
      ], swiftSettings: strict),

    // The one executable: argument parsing and wiring.
    .executableTarget(
      name: "Kartoteka",
      dependencies: [
        "Analytics", "Audit", "Auth", "Blocking", "CivilTime", "ClickHouse", "Collector", "DeadLetters", "Decks",
        "EventSchema", "Gateway", "HTTPService", "JSON", "Kafka", "LoadGenerator", "Migrations", "ObjectStore",
        "CMalloc", "PlatformClient", "Postgres", "Redis", "School", "ServiceContract", "ServiceStore", "Settings",
        "Teaching", "Telemetry",
        "Topics", "Users", hummingbird, lifecycle, logging, signals,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict, linkerSettings: localLibraries),

    // `make bench` runs it: the hot path's stages, each beside its floor.
    .executableTarget(
      name: "stages", dependencies: ["EventSchema", "ClickHouse", "Collector", "LoadGenerator", "CLZ4"],
      path: "Benchmarks/stages",
      swiftSettings: strict, linkerSettings: localLibraries),

    // For tests only: a second opinion on JSON, and a count of heap allocations.
    .target(name: "CSimdjson", path: "Tests/Shims/CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CAllocations", path: "Tests/Shims/CAllocations"),
    // For tests only: servers of a few lines that misbehave as told.
    .target(name: "Loopback", dependencies: ["Blocking"], path: "Tests/Support/Loopback", swiftSettings: strict),
    // For the tests of every service: requests without a port, answers held against what is declared.
    .target(
      name: "HTTPServiceTesting", dependencies: ["HTTPService", "JSON", hummingbird, logging],
      path: "Tests/Support/HTTPServiceTesting", swiftSettings: strict),

    // For tests against real servers: where they are, servers of a test's own to be killed, the program as a process.
    .target(
      name: "RealServers", dependencies: ["JSON", "ObjectStore", "Postgres", "Redis"],
      path: "Tests/Support/RealServers",
      swiftSettings: strict),

    .testTarget(
      name: "EventSchemaTests", dependencies: ["EventSchema", "CSimdjson", "CAllocations"], swiftSettings: strict),
    .testTarget(
      name: "ClickHouseTests", dependencies: ["Blocking", "ClickHouse", "Loopback"], exclude: ["Golden"],
      swiftSettings: strict,
      linkerSettings: localLibraries),
    .testTarget(
      name: "CollectorTests", dependencies: ["Blocking", "Collector", "EventSchema", "ClickHouse", "Kafka"],
      swiftSettings: strict),
    .target(name: "MockBroker", dependencies: ["CRdKafka"], path: "Tests/Support/MockBroker", swiftSettings: strict),
    .testTarget(name: "KafkaTests", dependencies: ["Kafka", "MockBroker"], swiftSettings: strict),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strict),
    .testTarget(name: "RedisTests", dependencies: ["Blocking", "Loopback", "Redis"], swiftSettings: strict),
    .testTarget(
      name: "ObjectStoreTests", dependencies: ["CivilTime", "HTTPClient", "Loopback", "ObjectStore"],
      swiftSettings: strict),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres"], swiftSettings: strict),
    .testTarget(name: "AuditTests", dependencies: ["Audit"], swiftSettings: strict),
    .testTarget(
      name: "DeadLettersTests", dependencies: ["DeadLetters", "EventSchema", "Kafka", "MockBroker"],
      swiftSettings: strict),
    // For tests only: packages, made as they should be and as they should not.
    .target(
      name: "AnkiMaking", dependencies: ["CSQLite", "CZlib", "CZstd"], path: "Tests/Support/AnkiMaking",
      exclude: ["Real"], swiftSettings: strict),
    .testTarget(
      name: "AnkiPackageTests", dependencies: ["AnkiMaking", "AnkiPackage", "Blocking"], swiftSettings: strict),
    .testTarget(name: "BlockingTests", dependencies: ["Blocking"], swiftSettings: strict),
    .testTarget(name: "CivilTimeTests", dependencies: ["CivilTime"], swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
    .testTarget(name: "SettingsTests", dependencies: ["Settings", "Telemetry", logging], swiftSettings: strict),
    // The repository itself: arrows between the rooms, pages that are printed, names that are declared.
    .testTarget(
      name: "HouseTests", dependencies: ["Settings", "Collector", "EventSchema", "ClickHouse", "Kafka"],
      swiftSettings: strict),
    .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", metrics], swiftSettings: strict),
    .testTarget(
      name: "HTTPServiceTests",
      dependencies: [
        "Blocking", "CAllocations", "CivilTime", "HTTPService", "JSON", "Loopback", "Telemetry", hummingbird, lifecycle,
        logging, nio,
      ], swiftSettings: strict),
    .testTarget(
      name: "ServiceContractTests",
      dependencies: [
        "CivilTime", "Digests", "HTTPService", "HTTPServiceTesting", "JSON", "Loopback", "ServiceContract", "Settings",
        "Telemetry", hummingbird,
      ], swiftSettings: strict),
    .testTarget(
      name: "ServiceStoreTests",
      dependencies: ["Blocking", "HTTPService", "Kafka", "Postgres", "ServiceStore", hummingbird],
      swiftSettings: strict),
    // For tests only: a relay that dies when it is told to.
    .executableTarget(
      name: "relay-process", dependencies: ["Blocking", "Kafka", "Postgres", "ServiceStore"],
      path: "Tests/Support/RelayProcess", swiftSettings: strict, linkerSettings: localLibraries),
    .testTarget(
      name: "ServiceStoreIntegrationTests",
      dependencies: [
        "Blocking", "EventSchema", "HTTPService", "Kafka", "Migrations", "Postgres", "RealServers", "ServiceStore",
        "Telemetry", lifecycle, logging,
      ], path: "Tests/Integration/ServiceStore", swiftSettings: strict),
    .testTarget(
      name: "AnalyticsTests", dependencies: ["Analytics", "Blocking", "CivilTime", "EventSchema", "JSON", "Settings"],
      swiftSettings: strict),
    .testTarget(name: "MigrationsTests", dependencies: ["Migrations"], swiftSettings: strict),
    .testTarget(name: "TopicsTests", dependencies: ["Topics", "EventSchema", "Kafka"], swiftSettings: strict),
    .testTarget(
      name: "LoadGeneratorTests", dependencies: ["Blocking", "LoadGenerator", "EventSchema", "CZlib"],
      swiftSettings: strict),
    .testTarget(
      name: "DecksTests",
      dependencies: [
        "AnkiMaking", "AnkiPackage", "CivilTime", "Decks", "HTTPService", "ObjectStore", "ServiceContract", hummingbird,
      ],
      exclude: ["FSRS/fsrs-vectors.json"], swiftSettings: strict),
    .testTarget(
      name: "DecksIntegrationTests",
      dependencies: [
        "AnkiMaking", "Blocking", "CivilTime", "Decks", "HTTPService", "HTTPServiceTesting", "JSON", "Kafka",
        "Migrations",
        "ObjectStore", "Postgres", "RealServers", "ServiceContract", "ServiceStore", "Settings", "Telemetry",
        hummingbird, logging,
      ], path: "Tests/Integration/Decks", swiftSettings: strict),
    .testTarget(
      name: "UsersTests",
      dependencies: [
        "Blocking", "CivilTime", "HTTPServiceTesting", "JSON", "Postgres", "ServiceContract", "ServiceStore",
        "Settings", "Telemetry", "Users",
      ], swiftSettings: strict),
    .testTarget(
      name: "TeachingTests",
      dependencies: [
        "HTTPServiceTesting", "JSON", "Postgres", "ServiceContract", "ServiceStore", "Settings", "Teaching",
        "Telemetry", logging,
      ], swiftSettings: strict),
    .testTarget(
      name: "AuthTests", dependencies: ["Auth", "Digests", "ServiceContract", hummingbird],
      swiftSettings: strict),
    .testTarget(
      name: "GatewayTests",
      dependencies: ["Blocking", "Gateway", "HTTPService", "ServiceContract", "Settings", "Telemetry", nio, nioHTTP],
      swiftSettings: strict),
    .testTarget(
      name: "GatewayIntegrationTests",
      dependencies: [
        "Blocking", "Digests", "Gateway", "HTTPService", "HTTPServiceTesting", "JSON", "Loopback", "RealServers",
        "Redis",
        "ServiceContract", "Settings", "Telemetry", lifecycle, logging, nio,
      ], path: "Tests/Integration/Gateway", swiftSettings: strict),
    .testTarget(
      name: "PlatformClientTests", dependencies: ["Digests", "Loopback", "PlatformClient"], swiftSettings: strict),
    .testTarget(
      name: "SchoolTests",
      dependencies: [
        "Blocking", "CZlib", "CivilTime", "Digests", "JSON", "LoadGenerator", "Loopback", "PlatformClient", "School",
        "Settings",
      ], swiftSettings: strict),
    // Against the real servers; `make test` starts them and names them in the environment.
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "Analytics", "Audit", "Blocking", "CZlib", "CivilTime", "ClickHouse", "Collector", "DeadLetters", "EventSchema",
        "HTTPService", "HTTPServiceTesting", "JSON", "Kafka", "LoadGenerator", "Loopback", "Migrations", "ObjectStore",
        "Postgres", "RealServers", "Redis", "Settings", "Telemetry", "Topics", logging,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "UsersIntegrationTests",
      dependencies: [
        "Blocking", "HTTPServiceTesting", "JSON", "Loopback", "Migrations", "Postgres", "RealServers",
        "ServiceContract",
        "ServiceStore", "Settings", "Telemetry", "Users", logging,
      ], path: "Tests/Integration/Users", swiftSettings: strict),
    .testTarget(
      name: "TeachingIntegrationTests",
      dependencies: [
        "Blocking", "CivilTime", "EventSchema", "HTTPService", "HTTPServiceTesting", "JSON", "Kafka", "Loopback",
        "Migrations", "Postgres", "RealServers", "ServiceContract", "ServiceStore", "Settings", "Teaching", "Telemetry",
        hummingbird, lifecycle, logging,
      ],
      path: "Tests/Integration/Teaching", swiftSettings: strict),
    .testTarget(
      name: "AuthIntegrationTests",
      dependencies: [
        "Auth", "Blocking", "Digests", "HTTPService", "HTTPServiceTesting", "JSON", "Loopback", "Migrations",
        "Postgres", "RealServers", "Redis", "ServiceContract", "ServiceStore", "Settings", "Telemetry", "Users",
        logging,
      ], path: "Tests/Integration/Auth", swiftSettings: strict),
    .testTarget(
      name: "SchoolIntegrationTests",
      dependencies: ["Blocking", "ClickHouse", "JSON", "PlatformClient", "RealServers", "School"],
      path: "Tests/Integration/School", swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)
