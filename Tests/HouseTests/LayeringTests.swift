import Testing

@Suite struct LayeringTests {
    @Test func `every module imports only what its row allows`() throws {
        for file in try Repository.swiftFiles(under: "Sources") {
            let module = String(file.path.split(separator: "/")[1])
            let forbidden = Layering.house.forbiddenImports(in: file.text, of: module)
            #expect(
                forbidden.isEmpty,
                "\(file.path): \(module) must not import \(forbidden.joined(separator: ", "))"
            )
        }
    }

    @Test func `every folder of Swift files under Sources has a row`() throws {
        let modules = Set(
            try Repository.swiftFiles(under: "Sources").map { $0.path.split(separator: "/")[1] }
        )
        for module in modules.sorted() {
            #expect(
                Layering.house.layer(of: String(module)) != nil,
                "Sources/\(module) has no row in Layering.house: say what it may import"
            )
        }
    }

    @Test func `arrows point down`() {
        var above: Set<String> = []
        for layer in Layering.house.layers {
            #expect(layer.modules.isSubset(of: above), "\(layer.module) names a row below it")
            above.insert(layer.module)
        }
    }

    @Test func `pure modules stay pure`() {
        let house = Layering.house
        for layer in house.layers where layer.kind == .pure {
            let impure = layer.libraries.filter(Layering.isImpure).sorted()
            #expect(impure.isEmpty, "\(layer.module) is pure and may not import \(impure)")
            let shells = layer.modules.sorted().filter { house.layer(of: $0)?.kind != .pure }
            #expect(shells.isEmpty, "\(layer.module) is pure and may not import \(shells)")
        }
    }

    @Test(arguments: [("NIOPosix", "Transports"), ("ArgumentParser", "xylem")])
    func `one module alone`(library: String, owner: String) {
        let importers = Layering.house.layers.filter { $0.libraries.contains(library) }
        #expect(importers.map(\.module) == [owner])
    }

    @Test func `the check sees every form of import`() {
        let source = """
            import Wire
            public import NIOCore
            @_exported import struct Foundation.Date
              @testable internal import ZMTP
            // import Comment
            let importance = 1
            """
        #expect(Layering.imports(in: source) == ["Wire", "NIOCore", "Foundation", "ZMTP"])
        #expect(
            Layering.house.forbiddenImports(in: source, of: "ZMTP")
                == ["NIOCore", "Foundation", "ZMTP"]
        )
    }
}
