import CryptoBox
import Transports
import ZMTP

/// Lets in the relays of a plan by their keys, and clients as their node's list says.
struct FleetAuthenticator: PeerAuthenticator {
    enum Clients {
        case any
        case keys(Set<CurvePublicKey>)
        /// Whom this one lets in; `nil` = nobody.
        case others((any PeerAuthenticator)?)
    }

    /// Asked first, of relays, too; `nil` = nobody is.
    let door: (any PeerAuthenticator)?
    /// Of all nodes of the plan.
    let relays: Set<CurvePublicKey>
    let clients: Clients

    func authenticate(_ peer: PeerIntroduction) async -> AuthenticationVerdict {
        guard case .curve(let key) = peer.proof else { return .denied }
        if let door {
            let verdict = await door.authenticate(peer)
            guard case .admitted = verdict else { return verdict }
        }
        if relays.contains(key) { return .admitted(userID: "\(key)") }
        switch clients {
        case .any: return .admitted(userID: "\(key)")
        case .keys(let keys): return keys.contains(key) ? .admitted(userID: "\(key)") : .denied
        case .others(let others): return await others?.authenticate(peer) ?? .denied
        }
    }
}
