// swift-tools-version: 6.2
import PackageDescription

// Programs to begin from. A package of your own names the repository's address in place of the path:
//     .package(url: "…/xylem", branch: "main")
let package = Package(
    name: "examples",
    dependencies: [
        .package(name: "xylem", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "WeatherStation",
            dependencies: [
                .product(name: "ZeroMQ", package: "xylem"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "WeatherReader",
            dependencies: [.product(name: "ZeroMQ", package: "xylem")]
        ),
        .executableTarget(
            name: "LastValueCache",
            dependencies: [.product(name: "ZeroMQ", package: "xylem")]
        ),
        .executableTarget(
            name: "TreeInProcess",
            dependencies: [
                .product(name: "ZeroMQ", package: "xylem"),
                .product(name: "TreeBuilder", package: "xylem"),
                .product(name: "RouterNode", package: "xylem"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "CaptureReport",
            dependencies: [.product(name: "Inspector", package: "xylem")]
        ),
    ]
)
