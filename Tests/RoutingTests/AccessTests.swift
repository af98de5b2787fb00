import Patterns
import Testing
import Vocabulary

@testable import Routing

/// Access lists in a relay's instance: who may subscribe to what, publish what, and be a child.
struct AccessTests {
    private static let ann = AccessList.Peer(user: "ann")
    private static let bob = AccessList.Peer(
        user: "bob",
        address: NetworkAddress(text: "10.1.2.3")
    )

    private static let list = AccessList(
        rules: [
            .init(users: ["ann"], permission: .init(publish: ["a."], subscribe: ["a.", "b."])),
            .init(
                addresses: [AddressBlock("10.0.0.0/8")].compactMap(\.self),
                permission: .init(subscribe: ["n."])
            ),
            .init(users: ["bob"], permission: .init(publish: [""])),
        ],
        otherwise: .init(subscribe: ["public."])
    )

    private static func relay(
        _ list: AccessList? = list,
        trees: [AccessList?] = [],
        seats: [TreeSeat]? = nil
    ) -> RelaySetup {
        let seat = TreeSeat(name: "t", prefixes: [[]], isRoot: true, rank: 0)
        var setup = RelaySetup(seats: seats ?? [seat])
        setup.access = AccessPolicy(node: list, trees: trees)
        return setup
    }

    @Test func `rules that concern a peer add up, and the default is for the others`() {
        #expect(Self.list.permission(of: Self.ann).subscribe == ["a.", "b."])
        #expect(Self.list.permission(of: Self.bob) == .init(publish: [""], subscribe: ["n."]))
        #expect(Self.list.permission(of: .init()) == .init(subscribe: ["public."]))
    }

    @Test func `of each list in a rule the peer must be in it`() {
        let list = AccessList(rules: [
            .init(
                users: ["ann"],
                addresses: [AddressBlock("10.0.0.0/8")].compactMap(\.self),
                permission: .init(publish: [""])
            ),
            .init(permission: .init(subscribe: [""])),
        ])
        let here = AccessList.Peer(user: "ann", address: NetworkAddress(text: "10.0.0.1"))
        #expect(list.permission(of: here).publish == [""])
        #expect(list.permission(of: Self.ann).publish == [])
        #expect(list.permission(of: here).subscribe == [], "a rule for nobody is nobody's")
    }

    @Test(arguments: [
        ("", false), ("a", false), ("a.", true), ("a.x", true), ("b.", true), ("c", false),
        ("ab.", false),
    ])
    func `a subscription to less than a prefix that is allowed is refused`(
        topic: String,
        isAllowed: Bool
    ) {
        var relay = RelayInstance(Self.relay())
        relay.connect(1, .subscriber(nil), of: Self.ann)
        relay.subscribe(topic, from: 1)
        #expect(relay.directives() == (isAllowed ? [] : ["report 1 refused \(topic)"]))
        #expect(relay.interest.topicCount == (isAllowed ? 1 : 0))
        #expect(relay.access?.refusals(of: .init(1))?.subscriptionCount == (isAllowed ? 0 : 1))
        relay.subscribe(topic, from: 1)
        relay.cancel(topic, from: 1)
        #expect(relay.interest.topicCount == 0)
        #expect(
            relay.access?.refusedSubscriptionCount == (isAllowed ? 0 : 1),
            "asked twice is asked once"
        )
    }

    @Test func `publishing goes by the longest prefix, tree by tree`() {
        var relay = RelayInstance(
            Self.relay(
                nil,
                trees: [nil, AccessList(otherwise: .init(publish: ["m.open."], subscribe: [""]))],
                seats: [
                    TreeSeat(name: "all", prefixes: [[]], isRoot: true, rank: 0),
                    TreeSeat(name: "m", prefixes: [Array("m.".utf8)], isRoot: true, rank: 0),
                ]
            )
        )
        relay.connect(1, .publisher(nil))
        let topics = ["x", "m", "m.", "m.open", "m.open.", "m.open.1", "m.other"]
        let allowed = topics.filter { topic in
            Array(topic.utf8).withUnsafeBytes {
                relay.access?.publishing(.init(1))?.allows($0) == true
            }
        }
        #expect(allowed == ["x", "m", "m.open.", "m.open.1"])
        #expect(relay.access?.publishing(.init(1))?.uniform == nil)
    }

    @Test func `a changed list takes away what it forbids, and grants what was refused`() {
        var relay = RelayInstance(Self.relay())
        relay.connect(1, .subscriber(nil), of: Self.ann)
        for topic in ["a.1", "c.1", "b.1", "a.1"] { relay.subscribe(topic, from: 1) }
        relay.cancel("b.1", from: 1)
        #expect(relay.topics == ["a.1"])
        relay.handleAccessList(
            AccessList(rules: [.init(users: ["ann"], permission: .init(subscribe: ["c.", "b."]))])
        )
        #expect(relay.topics == ["c.1"])
        #expect(relay.access?.refusals(of: .init(1))?.subscriptionCount == 2)
        relay.cancel("c.1", from: 1)
        relay.cancel("a.1", from: 1)
        relay.handleAccessList(Self.list)
        #expect(relay.topics == [])
    }

    @Test func `peers that the same rules are for share what is made ready of them`() {
        var relay = RelayInstance(Self.relay())
        relay.connect(1, .publisher(nil), of: Self.ann)
        relay.connect(2, .publisher(nil), of: .init(user: "ann", address: Self.bob.address))
        relay.connect(3, .publisher(nil), of: Self.ann)
        let book = relay.access
        #expect(book?.publishing(.init(1)) === book?.publishing(.init(3)))
        #expect(book?.publishing(.init(1)) !== book?.publishing(.init(2)))
        // The last who leaves takes it along; a new list makes all of it anew.
        relay.handleDisconnected(.init(1), at: .seconds(0))
        let kept = book?.publishing(.init(3))
        relay.connect(4, .publisher(nil), of: Self.ann)
        #expect(book?.publishing(.init(4)) === kept)
        relay.handleAccessList(AccessList(rules: [.init(users: ["ann"])]))
        #expect(book?.publishing(.init(3)) !== kept)
        #expect(book?.publishing(.init(3))?.uniform == false)
        #expect(book?.publishing(.init(2)) === book?.publishing(.init(4)))
    }

    @Test func `who claims to be a child must prove it where there are lists or keys`() {
        let claim = LinkClaim(node: "rome", tree: "t", rank: 1)
        let rome = AccessList.Peer(key: "rome's", user: "rome's")
        var setup = Self.relay()
        #expect(refusal(setup, claim, of: rome)?.contains("not that of node rome") == true)
        #expect(refusal(setup, claim, of: .init())?.contains("has proved no key") == true)
        setup.nodeKeys = ["rome": "rome's", "oslo": "oslo's"]
        #expect(refusal(setup, claim, of: rome) == nil)
        #expect(refusal(setup, claim, of: .init(key: "oslo's")) != nil)
        setup.access = AccessPolicy()
        #expect(refusal(setup, claim, of: rome) == nil)
        #expect(refusal(setup, claim, of: .init()) != nil)
        setup.nodeKeys = nil
        #expect(refusal(setup, claim, of: .init()) == nil)
        setup.access = AccessPolicy(
            node: AccessList(rules: [.init(keys: ["rome's"], mayBeRelay: true)])
        )
        #expect(refusal(setup, claim, of: rome) == nil)
    }

    private func refusal(
        _ setup: RelaySetup,
        _ claim: LinkClaim,
        of peer: AccessList.Peer
    ) -> String? {
        var relay = RelayInstance(setup)
        relay.handleConnected(.init(1), .publisher(claim), of: peer, at: .seconds(0))
        return relay.directives().first { $0.hasPrefix("disconnect") }
    }

    @Test func `what a child wants is not asked for`() {
        var setup = Self.relay()
        setup.nodeKeys = ["rome": "rome's"]
        var relay = RelayInstance(setup)
        let claim = LinkClaim(node: "rome", tree: "t", rank: 1)
        relay.connect(1, .subscriber(claim), of: .init(key: "rome's"))
        relay.subscribe("c", from: 1)
        #expect(relay.topics == ["c"])
        #expect(relay.access?.refusals(of: .init(1)) == nil)
    }
}

extension RelayInstance {
    /// A peer with a subscriber id of its own, if it is a subscriber.
    fileprivate mutating func connect(
        _ id: UInt64,
        _ arrival: Arrival,
        of peer: AccessList.Peer = .init()
    ) {
        handleConnected(.init(id), arrival, of: peer, at: .seconds(0))
        _ = directives()
        if case .subscriber = arrival { handleAttached(.init(id), as: SubscriberID(UInt32(id))) }
    }

    /// All that is wanted of the first tree.
    fileprivate var topics: [String] {
        var topics: [String] = []
        interest.forEachBranchTopic(of: TreeID(0)) {
            topics.append(String(decoding: $0, as: UTF8.self))
        }
        return topics
    }
}
