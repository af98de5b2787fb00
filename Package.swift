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

let package = Package(
    name: "xylem",
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "Topology",
            dependencies: [.product(name: "Yams", package: "Yams")],
            swiftSettings: settings
        ),
        .target(name: "TreeBuilder", dependencies: ["Topology"], swiftSettings: settings),
        .testTarget(
            name: "TopologyTests", dependencies: ["Topology"], exclude: ["Golden"],
            swiftSettings: settings),
        .testTarget(
            name: "TreeBuilderTests", dependencies: ["TreeBuilder", "Topology"],
            swiftSettings: settings),
    ]
)
