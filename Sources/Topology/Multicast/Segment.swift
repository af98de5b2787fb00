extension Topology {
    /// A broadcast domain whose members can be served by one multicast transmission.
    public struct Segment: Equatable, Sendable {
        public var name: String
        /// A multicast group, such as `239.192.1.1:7500`: that of the first tree. Each further tree has the next port.
        public var group: String
        /// Groups of trees that do not follow `group`.
        public var treeGroups: [TreeGroup]
        /// The network interface of every member that has none in `memberInterfaces`; `nil` = the system's choice.
        public var interface: String?
        public var memberInterfaces: [MemberInterface]
        /// Indices into `nodes`.
        public var members: [Int]
        public var multicast: MulticastUse
        public var transport: MulticastTransport
        /// Expected subscribers that join the group themselves, without a relay.
        public var subscriberCount: Int
        /// What one tree may send to its group, repairs included, in bit/s; `nil` = the transport's default.
        public var rateBitsPerSecond: Double?
        public var position: SourcePosition?

        public init(
            name: String,
            group: String,
            treeGroups: [TreeGroup] = [],
            interface: String? = nil,
            memberInterfaces: [MemberInterface] = [],
            members: [Int],
            multicast: MulticastUse = .auto,
            transport: MulticastTransport = .epgm,
            subscriberCount: Int = 0,
            rateBitsPerSecond: Double? = nil,
            position: SourcePosition? = nil
        ) {
            self.name = name
            self.group = group
            self.treeGroups = treeGroups
            self.interface = interface
            self.memberInterfaces = memberInterfaces
            self.members = members
            self.multicast = multicast
            self.transport = transport
            self.subscriberCount = subscriberCount
            self.rateBitsPerSecond = rateBitsPerSecond
            self.position = position
        }
    }

    /// The group of one tree in a segment.
    public struct TreeGroup: Equatable, Sendable {
        /// The tree's name.
        public var tree: String
        public var group: String

        public init(tree: String, group: String) {
            self.tree = tree
            self.group = group
        }
    }

    /// The interface through which one member reaches the segment.
    public struct MemberInterface: Equatable, Sendable {
        /// An index into `nodes`.
        public var member: Int
        /// A name such as `eth1`, or an address.
        public var interface: String

        public init(member: Int, interface: String) {
            self.member = member
            self.interface = interface
        }
    }

    /// Whether a segment is served by multicast.
    public enum MulticastUse: String, Sendable, CaseIterable {
        /// As the builder's rule decides, from the number of receivers.
        case auto
        case always
        /// Every member has its own TCP connection.
        case never
    }

    /// How PGM travels.
    public enum MulticastTransport: String, Sendable, CaseIterable {
        /// In UDP; needs no rights.
        case epgm
        /// Directly in IP, protocol 113; needs the right to open raw sockets.
        case pgm
    }
}

extension Topology.Segment {
    /// Where the data of a tree is sent: the tree's own group, or `group` with `number` added to its port.
    ///
    /// `number` is the tree's position in the topology. No two trees share a group and port: a receiver could not tell
    /// their messages apart. Ports differ and not only groups, because libzmq hands a subscriber everything that comes to its port.
    ///
    /// - Returns: `nil` when that port would be beyond 65535, or `group` is not an address and a port.
    public func group(ofTree number: Int, named name: String) -> String? {
        if let own = treeGroups.first(where: { $0.tree == name }) { return own.group }
        guard let colon = group.lastIndex(of: ":"),
            let first = Int(group[group.index(after: colon)...])
        else { return nil }
        let port = first + number
        return port <= 65_535 ? group[...colon] + "\(port)" : nil
    }

    /// The interface through which a member reaches the segment; `nil` = the system's choice.
    public func interface(of member: Int) -> String? {
        memberInterfaces.first { $0.member == member }?.interface ?? interface
    }
}
