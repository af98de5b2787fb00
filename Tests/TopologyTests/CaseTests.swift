import Foundation
import Testing

@testable import Topology

/// Files in the shapes that people write, which once gave no help.
@Suite struct CaseTests {
    private static let folder = Repository.root.appending(path: "../shared/cases/topologies")
        .standardized

    private static var isThere: Bool {
        let isThere = FileManager.default.fileExists(atPath: folder.path)
        if !isThere {
            FileHandle.standardError.write(
                Data("SKIPPED: topology cases, ../shared/cases is absent\n".utf8)
            )
        }
        return isThere
    }

    @Test(
        .enabled(if: CaseTests.isThere),
        arguments: [
            ("ifname-lo.yaml", "1:25", "names the interface \"lo\""),
            ("ifname-lo.yaml", "1:56", "names the interface \"lo\""),
            ("commaunit.yaml", "2:16", "write a decimal point, as in 4.5ms"),
            ("tab.yaml", "2:1", "a tab indents this line"),
        ]
    )
    func `what is wrong is said where it stands`(
        file: String,
        place: String,
        message: String
    )
        throws
    {
        let bytes = Array(try Data(contentsOf: Self.folder.appending(path: file)))
        let error = #expect(throws: TopologyError.self) {
            try TopologyReader.read(bytes, file: file)
        }
        let lines = error?.description.split(separator: "\n") ?? []
        #expect(
            lines.contains { $0.hasPrefix("\(file):\(place): ") && $0.contains(message) },
            "\(error?.description ?? "accepted")"
        )
    }
}
