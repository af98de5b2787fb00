import Foundation
import SocketTestSupport
import Testing

@testable import Transports

/// A realm of Kerberos for the tests of this process (`Peers/kdc.py`): its key distribution centre listens on loopback, and its
/// files are in a folder of their own, which the environment names for us and for the peers that are started later.
///
/// Started once, and ended with the process, when its standard input closes.
actor Kerberos {
    static let shared = Kerberos()

    private var centre: PeerProcess?

    func start() async throws {
        guard centre == nil else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: "xylem-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let centre = try PeerProcess(
            command: [PeerAvailability.interpreter, PeerProcess.peers + "/kdc.py", folder]
        )
        _ = try await centre.event("ready")
        for (name, value) in [
            ("KRB5_CONFIG", "\(folder)/krb5.conf"),
            ("KRB5_KTNAME", "FILE:\(folder)/keytab"),
            ("KRB5_CLIENT_KTNAME", "FILE:\(folder)/keytab"),
            ("KRB5CCNAME", "DIR:\(folder)/tickets"),
        ] {
            setenv(name, value, 1)
        }
        self.centre = centre
    }

    /// What is missing for such tests; `nil` = nothing.
    static let absence: String? = {
        if let problem = GSSAPI.problem { return problem }
        let folders = ["/usr/sbin", "/sbin", "/usr/bin"]
        for program in ["krb5kdc", "kadmin.local", "kdb5_util"] {
            let isThere = folders.contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
            }
            if !isThere { return "no \(program): install krb5-kdc and krb5-admin-server" }
        }
        return nil
    }()

    /// Says so when they cannot run.
    static func check() -> Bool {
        guard PeerAvailability.check() else { return false }
        guard let absence else { return true }
        print("SKIPPED: no Kerberos; \(absence)")
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only in a build with GSSAPI, and where a key distribution centre can run.
    static var needsKerberos: Self {
        .enabled(if: Kerberos.check(), "needs a build with the trait GSSAPI, and krb5-kdc")
    }
}
