import Foundation
import Simulation
import Testing
import ZMTP

@testable import Transports

/// Files of names and passwords, damaged: whoever is in one is let in with his password, or the error names the line.
struct PasswordFuzzTests {
    private static let pieces = [
        "ann", "bob", "eve", "", " ", "#", ":", "::", "se:cret", "pass", "\n", "\n\n", "\r\n", "é",
        "\u{2028}", "\t", "name:password\n", "ann:secret\n", "# bob:hidden\n", "\u{0}",
    ]

    /// What the page says of such a file, read by somebody else: lines, of which those that are empty or begin with `#` are nobody.
    private static func expected(_ text: String) -> (entries: [String: String], badLine: Int?) {
        var entries: [String: String] = [:]
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, entries[String(parts[0])] == nil else {
                return (entries, index + 1)
            }
            entries[String(parts[0])] = String(parts[1])
        }
        return (entries, nil)
    }

    @Test(arguments: UInt64(0)..<400)
    func `a file is read as the page says, or the line is named`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var text = ""
        for _ in 0..<Int.random(in: 0...14, using: &generator) {
            text += Self.pieces.randomElement(using: &generator) ?? ""
        }
        let folder = try AccessControlTests.Folder()
        let file = try folder.write(text, to: "users")
        let (entries, badLine) = Self.expected(text)
        do throws(AccessError) {
            let access = try AccessControl(AccessRules { $0.passwords = .file(file) })
            #expect(badLine == nil, "seed \(seed): \(text.debugDescription)")
            for (user, password) in entries {
                #expect(
                    await access.authenticate(AccessControlTests.plain(user, password))
                        == .admitted(userID: user)
                )
                #expect(
                    await access.authenticate(AccessControlTests.plain(user, password + "x"))
                        == .denied
                )
            }
            #expect(await access.authenticate(AccessControlTests.plain("nobody", "")) == .denied)
        } catch {
            let line = try #require(badLine, "seed \(seed): \(error), \(text.debugDescription)")
            #expect(error.problem.hasPrefix("line \(line) "), "\(error)")
            #expect(error.path == file)
        }
    }

    @Test(arguments: UInt64(0)..<100)
    func `octets that are no text are refused, with the file's name`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try AccessControlTests.Folder()
        let path = folder.path + "/users"
        let octets = (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) } + [0xFF]
        try Data(octets).write(to: URL(filePath: path))
        let error = #expect(throws: AccessError.self) {
            try AccessControl(AccessRules { $0.passwords = .file(path) })
        }
        #expect(error?.path == path)
        #expect(error?.problem.isEmpty == false)
    }
}
