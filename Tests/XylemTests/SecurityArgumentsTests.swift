import ArgumentParser
import Foundation
import RouterNode
import Testing
import ZeroMQ

@testable import xylem

/// The flags of PLAIN and CURVE, and `keygen`.
@Suite(.timeLimit(.minutes(1))) struct SecurityArgumentsTests {
    private static func parse(_ words: [String]) throws -> SecurityArguments {
        let arguments = try SecurityArguments.parse(words)
        try arguments.validate()
        return arguments
    }

    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(arguments: [
        ["--plain-users", "u", "--curve-server", "--certificate", "c", "--allow", "any"],
        ["--plain", "a:b", "--server-key", "k"], ["--curve-server", "--allow", "any"],
        ["--curve-server", "--certificate", "c"], ["--allow", "any"], ["--certificate", "c"],
        ["--plain", "no colon"], ["--allow-address", "10.0.0.1/8"], ["--deny-address", "x"],
    ])
    func `what does not go together is refused`(words: [String]) {
        #expect(throws: (any Error).self) { try Self.parse(words) }
    }

    @Test func `a socket is a server or a client`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = CurveKeyPair.random()
        let path = folder.path + "/keys"
        try CurveCertificate(keys).write(to: path)
        var options = SocketOptions()
        try Self.parse(["--server-key", "\(keys.publicKey)"]).apply(to: &options)
        guard case .curve(keys.publicKey, _) = options.security else {
            Issue.record("\(options.security)")
            return
        }
        try Self.parse(["--server-key", path, "--certificate", path + "_secret"])
            .apply(to: &options)
        guard case .curve(keys.publicKey, let own) = options.security else {
            Issue.record("\(options.security)")
            return
        }
        #expect(own.publicKey == keys.publicKey)
        let server = ["--curve-server", "--certificate", path + "_secret", "--allow", folder.path]
        try Self.parse(server).apply(to: &options)
        guard case .curveServer(let own) = options.security else {
            Issue.record("\(options.security)")
            return
        }
        #expect(own.publicKey == keys.publicKey && options.authenticator != nil)
        #expect(throws: CommandError.self) {
            try Self.parse(server + ["--server-key", path]).apply(to: &options)
        }
        // The public half is no pair; what is no file is no certificate.
        for words in [
            ["--server-key", path, "--certificate", path], ["--server-key", path + ".none"],
            ["--plain-users", path + ".none"],
        ] {
            #expect(throws: CommandError.self) { try Self.parse(words).apply(to: &options) }
        }
    }

    @Test func `a relay knows its parents by a folder of certificates`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (oslo, rome) = (CurveKeyPair.random(), CurveKeyPair.random())
        try CurveCertificate(oslo).write(to: folder.path + "/oslo")
        try CurveCertificate(rome).write(to: folder.path + "/rome")
        let arguments = try Self.parse([
            "--certificate", folder.path + "/rome_secret", "--server-key", folder.path,
            "--curve-server", "--allow", "any",
        ])
        let security = try arguments.relay()
        guard case .curve(keys: let own, servers: let servers) = security.dialling,
            case .curve(keys: let same) = security.listening
        else {
            Issue.record("\(security)")
            return
        }
        #expect(own.publicKey == rome.publicKey && same.publicKey == rome.publicKey)
        #expect(servers.ofNodes == ["oslo": oslo.publicKey, "rome": rome.publicKey])
        #expect(servers.ofOthers == nil)
    }

    @Test func `keys are made, printed, and used`() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/oslo"
        let keygen = try Command("keygen", "--name", "oslo", "-o", path)
        #expect(await keygen.end() == 0)
        let certificate = try CurveCertificate(file: path + "_secret")
        #expect(keygen.output == "\(certificate.publicKey)\n")
        #expect(keygen.diagnostics.contains("wrote \(path), for others, and \(path)_secret"))
        #expect(certificate.metadata.map(\.value) == ["oslo"])
        let again = try Command("keygen", "-o", path)
        #expect(await again.end() == 2)
        #expect(again.diagnostics.contains("File exists; keys are never overwritten"))
        let printed = try Command("keygen")
        #expect(await printed.end() == 0)
        let made = try CurveCertificate(zpl: printed.output)
        #expect(made.keys != nil)
        #expect(printed.diagnostics.contains("public key: \(made.publicKey)"))
        let endpoint = "ipc://\(folder.path)/socket"
        let subscriber = try Command("subscribe", endpoint, "--count", "1", "--server-key", path)
        let publisher = try Command(
            "publish",
            "--bind",
            endpoint,
            "--curve-server",
            "--certificate",
            path + "_secret",
            "--allow",
            "any",
            "secret"
        )
        #expect(await publisher.end() == 0)
        #expect(await subscriber.end() == 0)
        #expect(subscriber.output == "secret\n")
    }
}
