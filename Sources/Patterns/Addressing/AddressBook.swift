/// Who is known by which identity at a socket that addresses its peers: ROUTER (RFC 28), SERVER (RFC 41), PEER (RFC 51), REP.
///
/// A peer may announce an identity in its handshake, or be given one when it is dialled; else one is made. Two peers of one identity cannot both be
/// addressed: the second is refused, or takes the place of the first where handover is allowed.
public struct AddressBook: Sendable {
    /// Where the identities of peers come from.
    public enum Naming: Sendable, Equatable {
        /// What the peer announced; five octets, of which the first is zero, where it announced nothing. Announced ones must not begin with a
        /// zero octet (RFC 28), so the two do not meet.
        case announced
        /// Always made here: a number of four octets that is never zero (RFC 41 "routing id").
        case numbered
    }

    public enum Admission: Equatable, Sendable {
        case admitted
        /// The peer at that slot had the identity, and has it no more.
        case replaced(slot: Int)
        /// Another peer has the identity.
        case taken
        /// An identity that peers may not announce: it begins with a zero octet, or is longer than 255 octets.
        case unusable
    }

    private let naming: Naming
    private let allowsHandover: Bool
    private var table = IdentityTable()
    /// By slot.
    private var identities: [[UInt8]?] = []
    private var nextNumber: UInt32
    /// Identities that are nobody's yet and must not become anybody else's. Only looked up, never iterated.
    private var reserved: Set<[UInt8]> = []

    /// - Parameters:
    ///   - naming: where identities come from.
    ///   - allowsHandover: whether a new peer takes an identity from another one.
    ///   - firstNumber: made identities count from here; random, so that a peer which kept one from an earlier life of the socket does not
    ///     reach somebody else by it.
    public init(naming: Naming, allowsHandover: Bool = false, firstNumber: UInt32) {
        self.naming = naming
        self.allowsHandover = allowsHandover
        nextNumber = firstNumber
    }

    public var count: Int { table.count }

    /// The identity of the peer at that slot.
    public func identity(ofSlot slot: Int) -> [UInt8]? {
        slot < identities.count ? identities[slot] : nil
    }

    /// The slot of the peer with that identity; in place, and so `mutating`: every message is looked up here.
    public mutating func slot(of identity: UnsafeRawBufferPointer) -> Int? {
        table.slot(of: identity)
    }

    /// Gives the identity of a peer that is to come, which is then admitted with it as `given`, now and whenever it comes back: what it has, if it
    /// is there, or a new one.
    public mutating func reserve(_ present: [UInt8]? = nil) -> [UInt8] {
        let identity = present ?? makeIdentity()
        reserved.insert(identity)
        return identity
    }

    /// Whether a peer with that identity is to come.
    public func isReserved(_ identity: [UInt8]) -> Bool { reserved.contains(identity) }

    /// The peer with that identity will not come, or not come back.
    public mutating func release(_ identity: [UInt8]) {
        reserved.remove(identity)
    }

    /// Enters a peer.
    ///
    /// - Parameters:
    ///   - slot: its place.
    ///   - announced: what it said of itself; empty = nothing.
    ///   - given: what this side has decided to call it, which goes before what it announced.
    /// - Returns: whether it is in the book now; if not, it cannot be addressed.
    public mutating func admit(
        slot: Int,
        announced: [UInt8] = [],
        given: [UInt8]? = nil
    ) -> Admission {
        while identities.count <= slot { identities.append(nil) }
        var identity = given ?? []
        if identity.isEmpty, naming == .announced { identity = announced }
        if identity.isEmpty {
            enter(makeIdentity(), at: slot)
            return .admitted
        }
        guard identity.count <= 255, given != nil || identity[0] != 0 else { return .unusable }
        guard let holder = identity.withUnsafeBytes({ table.slot(of: $0) }) else {
            enter(identity, at: slot)
            return .admitted
        }
        guard allowsHandover else { return .taken }
        remove(slot: holder)
        enter(identity, at: slot)
        return .replaced(slot: holder)
    }

    /// The peer at that slot is gone.
    public mutating func remove(slot: Int) {
        guard slot < identities.count, let identity = identities[slot] else { return }
        table.remove(identity)
        identities[slot] = nil
    }

    private mutating func enter(_ identity: [UInt8], at slot: Int) {
        table.insert(identity, slot: slot)
        identities[slot] = identity
    }

    private mutating func makeIdentity() -> [UInt8] {
        while true {
            let number = nextNumber
            nextNumber &+= 1
            var identity = withUnsafeBytes(of: number.bigEndian) { Array($0) }
            if naming == .announced { identity.insert(0, at: 0) }
            let isFree = identity.withUnsafeBytes { table.slot(of: $0) == nil }
            if number != 0, isFree, !reserved.contains(identity) { return identity }
        }
    }
}
