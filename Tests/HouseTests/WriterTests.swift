import Testing

/// Files that users name are written by one class, which knows what becomes of devices, links and full disks (decision 0024).
@Suite struct WriterTests {
    /// What else makes or writes a file, and why it may.
    private static let exceptions = [
        // A lock has no contents.
        "Sources/xylem/Fleet/FleetLock.swift",
        // The library's, for keys: never over a file that is there, and from the first octet on for nobody else to read.
        "Sources/Transports/Security/CurveCertificate+Files.swift",
    ]

    private static let ways = [
        "O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC", "fopen(", ".atomic", "toFile:", "createFile(",
        "FileHandle(forWriting", "OutputStream(",
    ]

    @Test func `files are written by OutputFile alone`() throws {
        for file in try Repository.swiftFiles(under: "Sources") {
            guard !file.path.hasPrefix("Sources/xylem/Files/"), !Self.exceptions.contains(file.path)
            else { continue }
            for way in Self.ways where file.text.contains(way) {
                Issue.record("\(file.path) has '\(way)': write files by OutputFile")
            }
        }
    }
}
