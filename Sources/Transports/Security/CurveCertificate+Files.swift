public import CryptoBox
import Glibc

extension CurveCertificate {
    /// - Throws: `AccessError` for a file that cannot be read, or is no certificate.
    public init(file path: String) throws(AccessError) {
        let text = try SmallFiles.text(path)
        do throws(CertificateError) {
            try self.init(zpl: text)
        } catch {
            throw AccessError(path: path, problem: error.description)
        }
    }

    /// Writes the public certificate to `path`, and the secret one, which nobody else can read, to `path` with `_secret` behind it.
    /// Files that are there are left alone: a key that is overwritten is gone.
    ///
    /// - Throws: `AccessError` for a file that is there or cannot be written.
    public func write(to path: String) throws(AccessError) {
        let secretPath = path + "_secret"
        // Before anything is written: half a pair is worse than none.
        for path in [path, secretPath] where access(path, F_OK) == 0 {
            throw AccessError(
                path: path,
                problem: "File exists; keys are never overwritten: choose another name"
            )
        }
        if let secretText { try Self.write(secretText, to: secretPath, mode: 0o600) }
        try Self.write(publicText, to: path, mode: 0o644)
    }

    private static func write(_ text: String, to path: String, mode: mode_t) throws(AccessError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw AccessError(path: path, errno: errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw AccessError(path: path, errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
