import CryptoBox
import CSodium
import Glibc
import ZMTP

/// Names and their passwords.
struct PasswordList: Sendable {
    private var passwords: [String: [UInt8]] = [:]

    init(_ path: String) throws(AccessError) {
        let text = try SmallFiles.text(path)
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let first = line.first, first != "#" else { continue }
            guard let colon = line.firstIndex(of: ":") else {
                throw AccessError(
                    path: path,
                    problem: "line \(index + 1) is no 'name:password'"
                )
            }
            let name = String(line[..<colon])
            guard passwords[name] == nil else {
                throw AccessError(
                    path: path,
                    problem: "line \(index + 1) has a name that was there"
                )
            }
            passwords[name] = Array(line[line.index(after: colon)...].utf8)
        }
    }

    func isGood(_ user: String, _ password: String) -> Bool {
        let expected = passwords[user]
        // In a time that tells nothing of the password, whether there is such a name or not.
        let isEqual = Self.digest(Array(password.utf8)) == Self.digest(expected ?? [])
        return isEqual && expected != nil
    }

    private static func digest(_ octets: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(
            &digest,
            digest.count,
            octets,
            UInt64(octets.count),
            key.pointer,
            key.count
        )
        return digest
    }

    /// Of this process: who measures times of comparisons cannot compute what was compared.
    private static let key = SecretBytes.random(byteCount: 32)
}

/// The certificates of a folder.
struct CertificateList: Sendable {
    private var metadata: [CurvePublicKey: Metadata] = [:]
    /// Files that are no certificates.
    private(set) var skipped: [AccessError] = []

    init(_ folder: String) throws(AccessError) {
        for path in try Self.paths(folder) {
            do throws(AccessError) {
                let certificate = try CurveCertificate(file: path)
                metadata[certificate.publicKey] = Self.metadata(certificate)
            } catch {
                skipped.append(error)
            }
        }
    }

    func admission(_ key: CurvePublicKey) -> Admission? {
        metadata[key].map { Admission(userID: "\(key)", metadata: $0) }
    }

    /// Of the folder, and of all in it: a file may be written in place.
    static func stamps(_ folder: String) throws(AccessError) -> [FileStamp] {
        var stamps = [try FileStamp(folder)]
        // One that has just gone changes the folder.
        for path in try paths(folder) {
            if let stamp = try? FileStamp(path) { stamps.append(stamp) }
        }
        return stamps
    }

    private static func paths(_ folder: String) throws(AccessError) -> [String] {
        try CertificateFolder.names(folder).map { folder + "/" + $0 }
    }

    private static func metadata(_ certificate: CurveCertificate) -> Metadata {
        var metadata = Metadata()
        for (name, value) in certificate.metadata where (1...255).contains(name.utf8.count) {
            metadata.append(name, value.utf8)
        }
        return metadata
    }
}

/// A folder of public certificates.
package enum CertificateFolder {
    /// The files in it, but for the secret halves, which CZMQ puts beside the public ones.
    package static func names(_ folder: String) throws(AccessError) -> [String] {
        try SmallFiles.names(in: folder).filter { !$0.hasSuffix("_secret") }
    }
}
