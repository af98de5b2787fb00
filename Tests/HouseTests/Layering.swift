/// The direction of imports, as a table: one row for each module under `Sources`.
///
/// ```
/// xylem (command) ─ InspectionReports ─ Inspector    Captures (files, live interfaces)
///   │                                      └──────────┤
///   ├─ ZeroMQ (public library)                    Dissection
///   └─ RouterNode ─ TreeBuilder ─ Topology            │
///        ├─ Routing                                   │
///        └─ DataPlane (also under ZeroMQ)             │
///              └─ Transports (SwiftNIO shells)        │
///                    └─ Patterns  ZMTP  PGM ──────────┘
///                          └─ Wire  Vocabulary  CryptoBox
/// ```
///
/// Rows are in building order: a row names only modules of rows above it, so arrows point down.
struct Layering {
    struct Layer {
        enum Kind {
            /// No sockets, clock, threads or files: time and randomness are arguments.
            case pure
            /// Holds sockets, timers and tasks, and hands events to a pure core.
            case shell
        }

        var module: String
        var kind: Kind
        /// Modules of this package that it may import.
        var modules: Set<String> = []
        /// Modules of the toolchain and of other packages that it may import.
        var libraries: Set<String> = []
        /// Functions of the C library that it may import one by one: arithmetic, nothing that touches the machine.
        var functions: Set<String> = []
    }

    static let house = Layering(layers: [
        Layer(module: "Wire", kind: .pure),
        Layer(module: "Vocabulary", kind: .pure),
        Layer(module: "Rendering", kind: .pure),
        // libsodium computes, and touches nothing else: the octets of randomness are arguments, too.
        Layer(module: "CryptoBox", kind: .pure, libraries: ["CSodium"]),
        Layer(module: "ZMTP", kind: .pure, modules: ["Wire", "CryptoBox"]),
        Layer(module: "Patterns", kind: .pure, modules: ["Wire"], libraries: collections),
        Layer(
            module: "Routing",
            kind: .pure,
            modules: ["Wire", "Vocabulary", "Patterns"],
            libraries: collections
        ),
        Layer(module: "PGM", kind: .pure, modules: ["Wire", "Vocabulary"], libraries: collections),
        // Test support: a virtual network to run pure cores in.
        Layer(module: "Simulation", kind: .pure, modules: ["Wire"], libraries: collections),
        Layer(
            module: "Transports",
            kind: .shell,
            modules: ["Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM"],
            libraries: [
                "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOSSL", "Logging",
                "Synchronization",
                "Glibc", "DequeModule", "CDatagrams", "CSodium", "CGSSAPI",
            ]
        ),
        Layer(
            module: "DataPlane",
            kind: .shell,
            modules: ["Wire", "Vocabulary", "ZMTP", "Patterns", "Transports"],
            libraries: ["NIOCore", "Synchronization", "Glibc", "DequeModule", "CEventfd"]
        ),
        Layer(
            module: "ZeroMQ",
            kind: .shell,
            modules: [
                "Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Transports",
                "DataPlane",
            ],
            libraries: [
                "NIOCore", "Logging", "ServiceLifecycle", "Synchronization", "DequeModule",
            ]
        ),
        Layer(
            module: "Topology",
            kind: .pure,
            modules: ["Rendering", "Vocabulary"],
            libraries: collections.union(["Yams"]),
            functions: ["sin", "cos", "asin"]
        ),
        Layer(
            module: "TreeBuilder",
            kind: .pure,
            modules: ["Rendering", "Vocabulary", "Topology"],
            libraries: collections,
            functions: ["cos"]
        ),
        Layer(
            module: "Dissection",
            kind: .pure,
            modules: ["Wire", "Vocabulary", "PGM"],
            libraries: collections
        ),
        Layer(
            module: "Captures",
            kind: .shell,
            modules: ["Dissection"],
            libraries: ["CPcap", "CZlib", "Glibc", "Synchronization"]
        ),
        Layer(
            module: "Inspector",
            kind: .pure,
            modules: [
                "Wire", "Vocabulary", "ZMTP", "PGM", "Dissection", "Rendering", "TreeBuilder",
            ],
            libraries: collections
        ),
        Layer(
            module: "InspectionReports",
            kind: .pure,
            modules: ["PGM", "Dissection", "Inspector", "Rendering"],
            libraries: collections
        ),
        Layer(
            module: "RouterNode",
            kind: .shell,
            modules: [
                "Wire", "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Routing",
                "Transports", "DataPlane", "Topology", "TreeBuilder",
            ],
            libraries: [
                "NIOCore", "Logging", "ServiceLifecycle", "NIOHTTP1", "Foundation",
                "Synchronization",
                "Glibc",
            ]
        ),
        Layer(
            module: "xylem",
            kind: .shell,
            modules: [
                "Vocabulary", "CryptoBox", "ZMTP", "Patterns", "PGM", "Transports", "ZeroMQ",
                "Topology", "TreeBuilder", "RouterNode",
                "Dissection", "Captures", "Inspector", "InspectionReports",
            ],
            libraries: [
                "ArgumentParser", "NIOCore", "Logging", "UnixSignals", "Histogram", "CSodium",
                "Foundation", "FoundationNetworking", "Synchronization", "Dispatch", "Glibc",
            ]
        ),
    ])

    private static let collections: Set<String> = [
        "DequeModule", "HeapModule", "OrderedCollections",
    ]

    var layers: [Layer]

    func layer(of module: String) -> Layer? {
        layers.first { $0.module == module }
    }

    /// The imports in `source` that `module` must not have, in order of appearance.
    func forbiddenImports(in source: String, of module: String) -> [String] {
        guard let layer = layer(of: module) else { return Self.imports(in: source) }
        let rest = source.split(separator: "\n").filter { line in
            !["Glibc", "Musl", "Darwin"].contains { library in
                layer.functions.contains { line == "import func \(library).\($0)" }
            }
        }
        return Self.imports(in: rest.joined(separator: "\n")).filter {
            !layer.modules.contains($0) && !layer.libraries.contains($0)
        }
    }

    /// Whether a library brings sockets, threads, a clock or files with it.
    static func isImpure(_ library: String) -> Bool {
        let names = [
            "Dispatch", "Glibc", "Musl", "Darwin", "Synchronization", "Logging", "Metrics",
        ]
        return names.contains(library) || library.hasPrefix("Foundation")
            || library.hasPrefix("NIO") || library.hasPrefix("_")
    }

    /// The module names of all import declarations: `public import struct A.B` gives `A`.
    static func imports(in source: String) -> [String] {
        let declaration = importDeclaration
        return source.split(separator: "\n").compactMap { line in
            // Few lines hold the word, and asking for it is much cheaper than the pattern.
            guard line.contains("import ") else { return nil }
            return line.prefixMatch(of: declaration).map { String($0.module) }
        }
    }

    private static var importDeclaration: Regex<(Substring, module: Substring)> {
        #/
            \s* (?: @\w+ (?: \( [^)]* \) )? \s+ )*
            (?: (?: public | package | internal | fileprivate | private ) \s+ )?
            import \s+
            (?: (?: struct | class | enum | protocol | func | var | let | typealias ) \s+ )?
            (?<module> \w+ )
        /#
    }
}
