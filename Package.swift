// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with these: warnings are errors, and imports say what they need.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let unixSignals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "xylem",
    products: [
        .executable(name: "xylem", targets: ["xylem"]),
        .library(name: "ZeroMQ", targets: ["ZeroMQ"]),
        .library(name: "TreeBuilder", targets: ["TreeBuilder", "Topology"]),
        .library(name: "RouterNode", targets: ["RouterNode"]),
        .library(
            name: "Inspector",
            targets: ["Inspector", "Dissection", "InspectionReports", "Captures"]
        ),
    ],
    traits: [
        .trait(
            name: "GSSAPI",
            description: "Kerberos by ZMTP's GSSAPI mechanism; needs MIT Kerberos (libkrb5-dev)."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .target(name: "Wire", swiftSettings: settings),
        .target(name: "Vocabulary", swiftSettings: settings),
        .target(name: "CryptoBox", dependencies: ["CSodium"], swiftSettings: settings),
        .target(name: "ZMTP", dependencies: ["Wire", "CryptoBox"], swiftSettings: settings),
        .target(name: "Patterns", dependencies: ["Wire"], swiftSettings: settings),
        .target(name: "PGM", dependencies: ["Wire", "Vocabulary"], swiftSettings: settings),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSodium",
            pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"])]
        ),
        // MIT Kerberos, with the trait alone.
        .systemLibrary(name: "CGSSAPI"),
        // Header only: batches of datagrams in one system call.
        .systemLibrary(name: "CDatagrams"),
        // Header only: event descriptors.
        .systemLibrary(name: "CEventfd"),
        .target(
            name: "Transports",
            dependencies: [
                "Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "CDatagrams",
                "CSodium", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL,
                collections,
                .target(name: "CGSSAPI", condition: .when(traits: ["GSSAPI"])),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "DataPlane",
            dependencies: [
                "Wire", "Vocabulary", "ZMTP", "Patterns", "Transports", "CEventfd", nioCore,
                collections,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ZeroMQ",
            dependencies: [
                "Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Transports",
                "DataPlane", nioCore, collections, logging, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Topology",
            dependencies: ["Rendering", "Vocabulary", yams],
            swiftSettings: settings
        ),
        .target(
            name: "TreeBuilder",
            dependencies: ["Rendering", "Vocabulary", "Topology"],
            swiftSettings: settings
        ),
        .target(
            name: "Routing",
            dependencies: ["Wire", "Vocabulary", "Patterns", collections],
            swiftSettings: settings
        ),
        .target(name: "Rendering", swiftSettings: settings),
        .target(
            name: "Dissection",
            dependencies: ["Wire", "Vocabulary", "PGM"],
            swiftSettings: settings
        ),
        .target(
            name: "Captures",
            dependencies: ["Dissection", "CPcap", "CZlib"],
            swiftSettings: settings
        ),
        .target(
            name: "Inspector",
            dependencies: [
                "Wire", "Vocabulary", "ZMTP", "PGM", "Dissection", "Rendering", "TreeBuilder",
                collections,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "InspectionReports",
            dependencies: ["Inspector", "Dissection", "Rendering", "PGM"],
            swiftSettings: settings
        ),
        .target(name: "Simulation", dependencies: ["Wire"], swiftSettings: settings),
        .target(
            name: "RouterNode",
            dependencies: [
                "Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Routing",
                "Transports", "DataPlane",
                "TreeBuilder",
                "Topology", nioCore, logging, nioHTTP1, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "xylem",
            dependencies: [
                "Vocabulary", "CryptoBox", "CSodium", "ZMTP", "Patterns", "PGM", "Transports",
                "ZeroMQ",
                "RouterNode", "TreeBuilder", "Topology",
                "Dissection", "Captures", "Inspector", "InspectionReports", nioCore, logging,
                argumentParser, unixSignals, histogram,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WireTests",
            dependencies: ["Wire", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VocabularyTests",
            dependencies: ["Vocabulary", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CryptoBoxTests",
            dependencies: ["CryptoBox", "CSodium", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMTPTests",
            dependencies: ["ZMTP", "CryptoBox", "Wire", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PatternsTests",
            dependencies: ["Patterns", "Wire", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TopologyTests",
            dependencies: ["Topology", "Vocabulary"],
            exclude: ["Golden", "Peers"],
            swiftSettings: settings
        ),
        // What the tests of real sockets share: bounded waits, peers made of raw octets.
        .target(
            name: "SocketTestSupport",
            dependencies: ["Vocabulary", "ZMTP", "Transports", nioCore, nioPosix, logging],
            path: "Tests/SocketTestSupport",
            swiftSettings: settings
        ),
        // What the tests of real networks share: namespaces at a bridge, with loss.
        .target(
            name: "LabTestSupport",
            path: "Tests/LabTestSupport",
            swiftSettings: settings
        ),
        // A socket of ours in a process of its own, so that it can live in a namespace.
        .executableTarget(
            name: "XylemPeer",
            dependencies: ["ZeroMQ", "Vocabulary", "Transports", "Patterns", argumentParser],
            path: "Tests/XylemPeer",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TransportsTests",
            dependencies: [
                "Simulation",
                "Transports", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Wire",
                "SocketTestSupport", nioCore, nioPosix, nioEmbedded,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DataPlaneTests",
            dependencies: [
                "DataPlane", "Transports", "Patterns", "Wire", "Simulation", "SocketTestSupport",
                nioCore,
                nioPosix,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZeroMQTests",
            dependencies: [
                "Simulation",
                "ZeroMQ", "Vocabulary", "DataPlane", "Transports", "ZMTP", "Patterns", "PGM",
                "Wire", "SocketTestSupport", nioCore, nioEmbedded, nioPosix, logging,
                serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TreeBuilderTests",
            dependencies: ["TreeBuilder", "Topology", "Vocabulary"],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoutingTests",
            dependencies: [
                "Routing", "Patterns", "Simulation", "Wire", "Vocabulary", "Transports", nioCore,
                nioEmbedded,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RouterNodeTests",
            dependencies: [
                "RouterNode", "TreeBuilder", "Topology", "ZeroMQ", "Vocabulary", "Transports",
                "ZMTP", "Patterns", "Wire",
                "Simulation", "SocketTestSupport", nioCore, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "Simulation",
                "ZeroMQ", "RouterNode", "Transports", "ZMTP", "Patterns", "SocketTestSupport",
                "LabTestSupport", "XylemPeer", nioCore, logging,
            ],
            exclude: ["Peers"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "XylemTests",
            dependencies: [
                "Simulation",
                "xylem", "ZeroMQ", "RouterNode", "Vocabulary", "Transports", "SocketTestSupport",
                "LabTestSupport", "TreeBuilder", "Topology",
                argumentParser, histogram,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Simulation", "xylem", "ZeroMQ", "RouterNode", "SocketTestSupport"],
            exclude: ["Peers"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PGMTests",
            dependencies: ["PGM", "Vocabulary", "Wire", "Simulation"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InspectorTests",
            dependencies: [
                "Dissection", "Captures", "Inspector", "InspectionReports", "Rendering", "PGM",
                "Vocabulary", "ZMTP", "Wire", "TreeBuilder", "Topology", "Simulation",
            ],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(name: "HouseTests", swiftSettings: settings),
    ]
)

// tools/docs alone needs the plugin: nobody else fetches it.
if Context.environment["XYLEM_DOCS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")
    )
}
