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
    targets: [
        .testTarget(name: "HouseTests", swiftSettings: settings),
        .testTarget(name: "InteropTests", exclude: ["Peers"], swiftSettings: settings),
    ]
)
