import Foundation
import Synchronization
package import Testing

/// A certificate for `localhost` and 127.0.0.1, signed by itself, and its key: files in a directory of their own, as long as this
/// lives.
package final class TestCertificates: Sendable {
    private let directory: URL

    package var certificateFile: String { directory.appending(path: "certificate.pem").path }
    package var privateKeyFile: String { directory.appending(path: "key.pem").path }

    package init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "xylem-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: Self.openssl)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", privateKeyFile, "-out",
            certificateFile,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TimedOut(awaited: "certificate") }
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    package static let openssl = "/usr/bin/openssl"
    private static let skipCount = Mutex(0)

    /// Whether certificates can be made; says so, with the number of skips so far, when they cannot.
    package static func check() -> Bool {
        if FileManager.default.isExecutableFile(atPath: openssl) { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no certificates; install openssl (tools/setup --test)")
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where certificates can be made.
    package static var needsOpenSSL: Self {
        .enabled(if: TestCertificates.check(), "needs \(TestCertificates.openssl)")
    }
}
