// swift-tools-version: 6.2
import PackageDescription

// A client of the products who knows nothing of how they are made. `StrangerTests` compiles it against the modules that the tests were
// built with; `swift build --package-path Tests/Stranger` builds it whole.
let package = Package(
    name: "stranger",
    dependencies: [
        .package(name: "xylem", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(
            name: "Stranger",
            dependencies: ["ZeroMQ", "TreeBuilder", "RouterNode", "Inspector"].map {
                .product(name: $0, package: "xylem")
            } + [.product(name: "Logging", package: "swift-log")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)
