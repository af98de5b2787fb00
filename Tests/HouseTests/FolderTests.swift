import Testing

/// Within a module the compiler lets every folder use every other. Where a module is large, its folders are rows, too: a folder
/// uses types of its own and of folders before it. An empty name is the module's root.
@Suite struct FolderTests {
    private static let orders: [(module: String, folders: [String])] = [
        (
            "Dissection",
            ["Network", "Capture", "Membership", "Transport", "", "Packets", "Filter"]
        ),
        (
            "Inspector",
            [
                "Facts", "Messages", "Captures", "Members", "Streams", "Sessions", "Verdict",
                "Report", "Findings", "",
            ]
        ),
    ]

    @Test func `folders of the inspector use only what is below them`() throws {
        for (module, folders) in Self.orders {
            let files = try Repository.swiftFiles(under: "Sources/\(module)").map { file in
                (path: file.path, folder: Self.folder(of: file.path), code: Self.code(file.text))
            }
            var homes: [Substring: String] = [:]
            for file in files {
                #expect(folders.contains(file.folder), "\(file.path): its folder has no row")
                for match in file.code.matches(of: Self.declaration) {
                    homes[match.output.name] = file.folder
                }
            }
            for file in files {
                let rank = folders.firstIndex(of: file.folder) ?? 0
                for match in file.code.matches(of: Self.typeName) {
                    guard let home = homes[match.output.name],
                        let other = folders.firstIndex(of: home)
                    else { continue }
                    #expect(
                        other <= rank,
                        "\(file.path) uses \(match.output.name) of the folder '\(home)' above it"
                    )
                }
            }
        }
    }

    private static func folder(of path: String) -> String {
        let parts = path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : ""
    }

    private static func code(_ text: String) -> String {
        text.split(separator: "\n").filter {
            !$0.drop { $0 == " " }.hasPrefix("//")
        }.joined(separator: "\n")
    }

    /// A type at the top level of its file.
    private static var declaration: Regex<(Substring, name: Substring)> {
        #/(?m)^(?:(?:public|package|final|indirect)\s+)*(?:struct|class|enum|protocol)\s+(?<name>\w+)/#
    }

    /// A type's name, but not that of a nested one.
    private static var typeName: Regex<(Substring, name: Substring)> {
        #/(?:^|[^.\w])(?<name>[A-Z]\w+)/#
    }
}
