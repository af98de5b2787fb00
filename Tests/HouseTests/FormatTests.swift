import Foundation
import Testing

@Suite struct FormatTests {
    @Test func `swift format has nothing to say`() throws {
        let folders = ["Sources", "Tests", "Package.swift"].map {
            Repository.root.appending(path: $0).path
        }
        let lint = try Command.run(
            "swift",
            "format",
            "lint",
            "--strict",
            "--parallel",
            "--recursive",
            folders[0],
            folders[1],
            folders[2]
        )
        #expect(lint.status == 0, "run `swift format -i -p -r Sources Tests`\n\(lint.output)")
    }

    @Test func `scripts are executable`() throws {
        for file in try Repository.textFiles() where file.text.hasPrefix("#!") {
            let path = Repository.root.appending(path: file.path).path
            #expect(
                FileManager.default.isExecutableFile(atPath: path),
                "\(file.path): git update-index --chmod=+x \(file.path)"
            )
        }
    }
}
