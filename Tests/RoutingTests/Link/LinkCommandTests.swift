@testable import Routing
import Simulation
import Testing

/// Commands as octets (tree-link.md, §4, B3).
@Suite struct LinkCommandTests {
    static let commands: [LinkCommand] = [
        .resumed(
            LinkCommand.Resumed(
                isRoot: true,
                root: LinkRoot(node: "oslo", epoch: 7),
                position: LinkPosition(epoch: 6, number: 1 << 40)
            )
        ),
        .hold(.coverage), .refuse(LinkRefusal(.full, others: ["paris", "rome"])),
        .refuse(LinkRefusal(.rootIs(LinkRoot(node: "rome", epoch: 9)))),
        .refuse(LinkRefusal(.rank)),
        .origin(index: 65_535, OriginID(node: "łódź", incarnation: .max)),
        .epoch(LinkRoot(node: "rome", epoch: 9), first: 1), .gap(5...9),
        .synced(id: 300, first: 12),
        .roster(["a", "b"], [LinkCommand.Acknowledgement(origin: 3, sequence: 1 << 50)]),
        .rosterAdd("c"), .rosterRemove(""), .stable(LinkPosition(epoch: 1, number: 2), lowest: 1),
        .tailFrom(LinkPosition(epoch: 1, number: 3)), .handOver(epoch: 4),
        .resume(LinkCommand.Resume(.after(LinkPosition(epoch: 2, number: 3)), .orphan(of: "oslo"))),
        .resume(LinkCommand.Resume(.now, .orphan(of: nil))),
        .resume(LinkCommand.Resume(.since(milliseconds: 30_000), .client)),
        .resume(mirror), .sync(id: 1, first: 0, [[], Array("weather.".utf8)]),
        .cancel(Array("x".utf8)), .subscribe([]), .switchOver, .heard(count: 200),
        .holds(LinkPosition(epoch: 3, number: .max)),
        .tail(
            LinkCommand.Tail(
                epoch: 9,
                ends: [LinkPosition(epoch: 3, number: 4), LinkPosition(epoch: 8, number: 5)],
                after: 2,
                children: ["l"]
            )
        ),
        .status(status), .resend,
        .acknowledged([LinkCommand.Acknowledgement(origin: 0, sequence: 9)]),
    ]

    private static var status: LinkStatus {
        var status = LinkStatus(slowest: "l", position: LinkPosition(epoch: 2, number: 1 << 33))
        status.relayCount = 37
        status.gapCount = .max
        status.repeatCount = 5
        status.setBackCount = 1
        return status
    }

    private static var mirror: LinkCommand.Resume {
        var resume = LinkCommand.Resume(.first, .candidate)
        resume.isMirror = true
        resume.isMulticast = true
        resume.topics = [Array("x".utf8)]
        return resume
    }

    @Test(arguments: commands)
    func `a command is read as it was written`(command: LinkCommand) throws {
        #expect(try LinkCommand(name: command.name, body: command.body) == command)
    }

    @Test(arguments: commands)
    func `B3: a command that ends too early, or too late, is a fault`(command: LinkCommand) {
        guard !["CANCEL", "SUBSCRIBE"].contains(command.name) else { return }
        for count in command.body.indices {
            #expect(throws: LinkFault.self, "\(command) cut to \(count)") {
                try LinkCommand(name: command.name, body: Array(command.body[..<count]))
            }
        }
        #expect(throws: LinkFault.self) {
            try LinkCommand(name: command.name, body: command.body + [0])
        }
    }

    @Test func `commands of other names are for others`() throws {
        #expect(try LinkCommand(name: "PING", body: [1, 2]) == nil)
    }

    static let batches: [BatchHeader] = [
        BatchHeader(
            .live,
            epoch: 3,
            numbers: 10...14,
            origins: [
                OriginRange(index: 0, first: 1, count: 2),
                OriginRange(index: 700, first: 1 << 33, count: 3),
            ],
            contained: [11...12, 14...14]
        ),
        BatchHeader(
            .past,
            epoch: 3,
            numbers: 1...4,
            origins: [OriginRange(index: 1, first: 5, count: 4)],
            contained: [1...4],
            isTraced: true
        ),
        BatchHeader(
            .tail,
            epoch: 3,
            numbers: 8...8,
            origins: [OriginRange(index: 1, first: 5, count: 1)],
            isVoid: true
        ),
        BatchHeader(
            .live,
            epoch: 3,
            numbers: 8...9,
            origins: [OriginRange(index: 1, first: 5, count: 2)]
        ),
        BatchHeader(.tail, epoch: 9, numbers: nil, origins: []),
    ]

    @Test(arguments: batches)
    func `a batch's header is read as it was written, and frames begin behind it`(
        header: BatchHeader
    ) throws {
        let (read, offset) = try BatchHeader.read(header.octets + [9, 9, 9])
        #expect(read == header)
        #expect(offset == header.octets.count)
    }

    @Test(arguments: batches)
    func `B3: a batch's header that ends too early is a fault`(header: BatchHeader) {
        for count in header.octets.indices {
            #expect(throws: LinkFault.self) {
                try BatchHeader.read(Array(header.octets[..<count]))
            }
        }
    }

    @Test func `B1: every number of a batch has an origin`() {
        let header = BatchHeader(
            .live,
            epoch: 1,
            numbers: 1...3,
            origins: [OriginRange(index: 0, first: 1, count: 2)]
        )
        #expect(throws: LinkFault("a batch has 1 numbers without an origin")) {
            try BatchHeader.read(header.octets)
        }
    }

    @Test func `B3: unknown flags end the connection`() {
        var octets = Self.batches[0].octets
        octets[0] |= 32
        #expect(throws: LinkFault("a batch has flags 32, which mean nothing")) {
            try BatchHeader.read(octets)
        }
    }

    @Test(arguments: 0..<4)
    func `B3: noise and changed octets are read or refused, and never crash`(part: UInt64) throws {
        var random = SeededGenerator(seed: part)
        for _ in 0..<4_000 {
            let original = try #require(Self.commands.randomElement(using: &random))
            var body = original.body
            for _ in 0..<Int.random(in: 1...3, using: &random) where !body.isEmpty {
                let place = Int.random(in: body.indices, using: &random)
                body[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard let read = try? LinkCommand(name: original.name, body: body) else { continue }
            #expect(try LinkCommand(name: read.name, body: read.body) == read)
        }
        for _ in 0..<4_000 {
            var body = try #require(Self.batches.randomElement(using: &random)).octets
            let place = Int.random(in: body.indices, using: &random)
            body[place] = UInt8.random(in: 0...255, using: &random)
            guard let (header, _) = try? BatchHeader.read(body) else { continue }
            let again = try BatchHeader.read(header.octets).header
            #expect(again == header)
            // What is believed adds up.
            let count = header.numbers.map { $0.upperBound - $0.lowerBound + 1 } ?? 0
            #expect(header.origins.reduce(0) { $0 + $1.count } == count)
            #expect(header.messageCount <= count)
            _ = try? ParcelHeader.read(random.octets(12))
        }
    }

    @Test func `a parcel's header is read as it was written`() throws {
        let header = ParcelHeader(origin: 300, first: 1 << 20, count: 5, acknowledged: 1 << 19)
        #expect(try ParcelHeader.read(header.octets).header == header)
        let goodbye = ParcelHeader(origin: 3, first: 9, count: 0, acknowledged: 8)
        #expect(try ParcelHeader.read(goodbye.octets).header == goodbye)
    }

    @Test func `the rest of a batch keeps what its numbers are`() throws {
        let rest = try #require(Self.batches[0].suffix(after: 11))
        #expect(rest.numbers == 12...14)
        #expect(rest.contained == [12...12, 14...14])
        #expect(rest.origins == [OriginRange(index: 700, first: 1 << 33, count: 3)])
        #expect(Self.batches[0].suffix(after: 14) == nil)
        #expect(Self.batches[0].suffix(after: 3) == Self.batches[0])
    }
}
