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
    ],
    targets: [
        .target(
            name: "Topology",
            swiftSettings: settings
        ),
        .target(name: "TreeBuilder", dependencies: ["Topology"], swiftSettings: settings),
        .testTarget(
            name: "TreeBuilderTests", dependencies: ["TreeBuilder", "Topology"],
            exclude: ["Golden"],
            swiftSettings: settings),
    ]
)
