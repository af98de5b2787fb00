import CryptoBox
import Foundation
import Synchronization
import Testing
import Vocabulary
import ZMTP

@testable import Transports

struct AccessControlTests {
    /// A folder that goes with the test.
    final class Folder {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/xylem-access-\(UUID())"
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }

        @discardableResult
        func write(_ text: String, to name: String) throws -> String {
            let file = path + "/" + name
            try Data(text.utf8).write(to: URL(filePath: file))
            return file
        }
    }

    static func pair(_ octet: UInt8) -> CurveKeyPair {
        CurveKeyPair(secretKey: SecretBytes(copying: [UInt8](repeating: octet, count: 32)))
    }

    static func certificate(_ octet: UInt8, name: String = "ann") -> CurveCertificate {
        CurveCertificate(pair(octet), metadata: [("name", name)])
    }

    static func plain(_ user: String, _ password: String) -> PeerIntroduction {
        PeerIntroduction(proof: .plain(user: user, password: password), address: "10.1.2.3")
    }

    static func curve(_ octet: UInt8) -> PeerIntroduction {
        PeerIntroduction(proof: .curve(pair(octet).publicKey))
    }

    @Test func `passwords come from a file, and from the next one`() async throws {
        let folder = try Folder()
        let file = try folder.write("# who\n\nann:se:cret\nbob:\n", to: "users")
        let access = try AccessControl(AccessRules { $0.passwords = .file(file) })
        #expect(await access.authenticate(Self.plain("ann", "se:cret")) == .admitted(userID: "ann"))
        #expect(await access.authenticate(Self.plain("bob", "")) == .admitted(userID: "bob"))
        for (user, password) in [
            ("ann", ""), ("ann", "secret"), ("bob", "x"), ("eve", ""), ("", ""), ("# who", ""),
        ] {
            #expect(await access.authenticate(Self.plain(user, password)) == .denied)
        }
        try folder.write("ann:new\n", to: "users")
        #expect(await access.authenticate(Self.plain("ann", "se:cret")) == .denied)
        #expect(await access.authenticate(Self.plain("bob", "")) == .denied)
        #expect(await access.authenticate(Self.plain("ann", "new")) == .admitted(userID: "ann"))
        // Keys are good for nothing here.
        #expect(await access.authenticate(Self.curve(1)) == .denied)
    }

    @Test func `a file that cannot be read is a passing fault, told once`() async throws {
        let folder = try Folder()
        let file = try folder.write("ann:a\n", to: "users")
        let problems = Mutex<[AccessError]>([])
        let access = try AccessControl(AccessRules { $0.passwords = .file(file) }) { problem in
            problems.withLock { $0.append(problem) }
        }
        try folder.write("no colon\n", to: "users")
        for _ in 0..<2 {
            #expect(await access.authenticate(Self.plain("ann", "a")) == .tryLater)
        }
        #expect(
            problems.withLock(\.self) == [
                AccessError(path: file, problem: "line 1 is no 'name:password'")
            ]
        )
        try FileManager.default.removeItem(atPath: file)
        #expect(await access.authenticate(Self.plain("ann", "a")) == .tryLater)
        #expect(problems.withLock(\.count) == 2)
        try folder.write("ann:a\n", to: "users")
        #expect(await access.authenticate(Self.plain("ann", "a")) == .admitted(userID: "ann"))
    }

    @Test(arguments: [
        ("ann\n", "line 1 is no 'name:password'"),
        ("a:1\n\na:2\n", "line 3 has a name that was there"),
    ])
    func `a file that is no list of passwords is refused at once`(
        text: String,
        problem: String
    ) throws {
        let folder = try Folder()
        let file = try folder.write(text, to: "users")
        #expect(throws: AccessError(path: file, problem: problem)) {
            try AccessControl(AccessRules { $0.passwords = .file(file) })
        }
        #expect(throws: AccessError.self) {
            try AccessControl(AccessRules { $0.passwords = .file(file + ".none") })
        }
    }

    @Test func `keys come from a folder, whatever its files are called`() async throws {
        let folder = try Folder()
        try Self.certificate(1).write(to: folder.path + "/ann.cert")
        let problems = Mutex<[AccessError]>([])
        let access = try AccessControl(AccessRules { $0.keys = .folder(folder.path) }) { problem in
            problems.withLock { $0.append(problem) }
        }
        guard case .admitted(let admission) = await access.authenticate(Self.curve(1)) else {
            Issue.record("not admitted")
            return
        }
        #expect(admission.userID == "\(Self.pair(1).publicKey)")
        #expect(admission.metadata.text("name") == "ann")
        #expect(await access.authenticate(Self.curve(2)) == .denied)
        // A new one counts at once, a bad one spoils nothing, a hidden one is none.
        try folder.write(Self.certificate(2).publicText, to: "bob")
        try folder.write("nonsense here\n", to: "bad")
        try folder.write(Self.certificate(3).publicText, to: ".hidden")
        #expect(await access.authenticate(Self.curve(2)) != .denied)
        #expect(await access.authenticate(Self.curve(3)) == .denied)
        #expect(problems.withLock { $0.map(\.path) } == [folder.path + "/bad"])
        // One that is taken away, and one that is written anew in its place.
        try FileManager.default.removeItem(atPath: folder.path + "/ann.cert")
        try folder.write(Self.certificate(4).publicText, to: "bob")
        #expect(await access.authenticate(Self.curve(1)) == .denied)
        #expect(await access.authenticate(Self.curve(2)) == .denied)
        #expect(await access.authenticate(Self.curve(4)) != .denied)
    }

    @Test func `any key, or those of a list`() async throws {
        let any = try AccessControl(AccessRules { $0.keys = .any })
        #expect(
            await any.authenticate(Self.curve(1)) == .admitted(userID: "\(Self.pair(1).publicKey)")
        )
        let list = try AccessControl(AccessRules { $0.keys = .list([Self.pair(2).publicKey]) })
        #expect(await list.authenticate(Self.curve(1)) == .denied)
        #expect(await list.authenticate(Self.curve(2)) != .denied)
        let nobody = try AccessControl(AccessRules())
        #expect(await nobody.authenticate(Self.curve(1)) == .denied)
        #expect(await nobody.authenticate(Self.plain("", "")) == .denied)
        #expect(
            await nobody.authenticate(PeerIntroduction(proof: .none)) == .admitted(userID: nil)
        )
    }

    @Test func `a closure may know the passwords`() async throws {
        let access = try AccessControl(
            AccessRules { $0.passwords = .check { user, password in user == password } }
        )
        #expect(await access.authenticate(Self.plain("a", "a")) == .admitted(userID: "a"))
        #expect(await access.authenticate(Self.plain("a", "b")) == .denied)
    }

    /// Allowed, denied, a peer's address, and whether it is let in.
    static let addresses: [([String], [String], String?, Bool)] = [
        (["10.0.0.0/8"], [], "10.1.2.3", true), (["10.0.0.0/8"], [], "11.1.2.3", false),
        (["10.0.0.0/8"], ["10.1.0.0/16"], "10.1.2.3", false),
        ([], ["10.1.0.0/16"], "10.2.2.3", true), (["10.0.0.0/8"], [], "::ffff:10.1.2.3", true),
        (["fe80::/10"], [], "fe80::1%eth0", true), (["::1"], [], "127.0.0.1", false),
        // Who has no address needs none; what is no address is nobody's.
        (["10.0.0.0/8"], [], nil, true), ([], ["0.0.0.0/0"], nil, true),
        ([], [], "nonsense", false),
    ]

    @Test(arguments: addresses)
    func `addresses are let in or not`(
        allowed: [String],
        denied: [String],
        address: String?,
        isIn: Bool
    ) async throws {
        let access = try AccessControl(
            AccessRules {
                $0.allowedAddresses = allowed.compactMap { AddressBlock($0) }
                $0.deniedAddresses = denied.compactMap { AddressBlock($0) }
            }
        )
        let verdict = await access.authenticate(
            PeerIntroduction(proof: .none, address: address)
        )
        #expect(verdict == (isIn ? .admitted(userID: nil) : .denied))
    }

    @Test func `a secret is for nobody else to read, and is not overwritten`() throws {
        let folder = try Folder()
        let path = folder.path + "/oslo"
        try Self.certificate(1).write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "_secret")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try CurveCertificate(file: path).keys == nil)
        let secret = try CurveCertificate(file: path + "_secret")
        #expect(secret.keys?.secretText == Self.pair(1).secretText)
        #expect(throws: AccessError.self) { try Self.certificate(2).write(to: path) }
        #expect(try CurveCertificate(file: path).publicKey == Self.pair(1).publicKey)
    }

    @Test(arguments: [
        ("127.0.0.1:50312", "127.0.0.1"), ("[::1]:9", "::1"), ("[fe80::1%eth0]:9", "fe80::1%eth0"),
        ("local process", nil), ("inproc://name", nil), ("", nil), ("?", nil),
    ])
    func `an address is what a stream says, without the port`(peer: String, host: String?) {
        #expect(PeerIntroduction.host(of: peer) == host)
    }

    @Test func `names of Kerberos are none, any, or those of a list`() async throws {
        let peers = ["ann@EXAMPLE.ORG", "ann@ELSEWHERE.ORG"].map {
            PeerIntroduction(proof: .gssapi(principal: $0), address: "10.1.2.3")
        }
        for (principals, admitted) in [
            (AccessRules.Principals.none, [false, false]), (.any, [true, true]),
            (.list(["ann@EXAMPLE.ORG"]), [true, false]),
        ] {
            let access = try AccessControl(AccessRules { $0.principals = principals })
            for (peer, isAdmitted) in zip(peers, admitted) {
                guard case .gssapi(let name) = peer.proof else { continue }
                let verdict = await access.authenticate(peer)
                #expect(verdict == (isAdmitted ? .admitted(userID: name) : .denied))
                #expect(PeerIntroduction(peer.request, address: peer.address) == peer)
            }
        }
    }

    @Test func `credentials that nobody can know are none`() {
        for request in [
            AuthenticationRequest(mechanism: "PLAIN", credentials: [[0xFF], []]),
            AuthenticationRequest(mechanism: "PLAIN", credentials: [[]]),
            AuthenticationRequest(mechanism: "CURVE", credentials: [[1]]),
            AuthenticationRequest(mechanism: "GSSAPI", credentials: []),
        ] {
            #expect(PeerIntroduction(request, from: "1.2.3.4:5") == nil)
        }
    }
}
