import CryptoBox
import Synchronization
public import ZMTP

/// Lets peers in by `AccessRules`, and follows the files they name while everything runs.
///
/// A file that cannot be read any more is a passing fault: peers are told nothing and may try again, until it can be.
public final class AccessControl: PeerAuthenticator {
    private let rules: AccessRules
    private let passwords: WatchedFiles<PasswordList>?
    private let certificates: WatchedFiles<CertificateList>?
    private let onProblem: @Sendable (AccessError) -> Void
    private let lastProblem = Mutex<AccessError?>(nil)

    /// `onProblem` hears of files that could not be read when they had changed, once for each problem.
    ///
    /// - Throws: `AccessError` for a file or folder that cannot be used.
    public init(
        _ rules: AccessRules,
        onProblem: @escaping @Sendable (AccessError) -> Void = { _ in }
    ) throws(AccessError) {
        self.rules = rules
        self.onProblem = onProblem
        passwords =
            if case .file(let path) = rules.passwords {
                try WatchedFiles(
                    stamp: { () throws(AccessError) in [try FileStamp(path)] },
                    read: { () throws(AccessError) in try PasswordList(path) }
                )
            } else { nil }
        certificates =
            if case .folder(let path) = rules.keys {
                try WatchedFiles(
                    stamp: { () throws(AccessError) in try CertificateList.stamps(path) },
                    read: { () throws(AccessError) in try CertificateList(path) }
                )
            } else { nil }
        if let skipped = try certificates?.value().skipped { skipped.forEach(report) }
    }

    public func authenticate(_ peer: PeerIntroduction) async -> AuthenticationVerdict {
        guard rules.admits(peer.address) else { return .denied }
        do throws(AccessError) {
            switch peer.proof {
            case .none: return .admitted(userID: nil)
            case .plain(let user, let password):
                return try await isGood(user, password) ? .admitted(userID: user) : .denied
            case .curve(let key): return try admission(key).map { .admitted($0) } ?? .denied
            case .gssapi(let name):
                return isGood(name) ? .admitted(userID: name) : .denied
            }
        } catch {
            report(error)
            return .tryLater
        }
    }

    private func isGood(_ user: String, _ password: String) async throws(AccessError) -> Bool {
        switch rules.passwords {
        case .none: false
        case .check(let check): await check(user, password)
        case .file: try passwords?.value().isGood(user, password) ?? false
        }
    }

    private func isGood(_ principal: String) -> Bool {
        switch rules.principals {
        case .none: false
        case .any: true
        case .list(let names): names.contains(principal)
        }
    }

    private func admission(_ key: CurvePublicKey) throws(AccessError) -> Admission? {
        switch rules.keys {
        case .none: return nil
        case .any: return Admission(userID: "\(key)")
        case .list(let keys): return keys.contains(key) ? Admission(userID: "\(key)") : nil
        case .folder:
            guard let list = try certificates?.value() else { return nil }
            list.skipped.forEach(report)
            return list.admission(key)
        }
    }

    private func report(_ problem: AccessError) {
        let isNew = lastProblem.withLock { last in
            defer { last = problem }
            return last != problem
        }
        if isNew { onProblem(problem) }
    }
}
