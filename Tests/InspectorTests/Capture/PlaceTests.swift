import Dissection
import PGM
import Testing
@testable import Inspector

/// Which interfaces are one place, and that what a place sees twice counts once.
@Suite struct PlaceTests {
    /// A packet on its way into an inspection.
    private struct Sighting {
        var bytes: [UInt8]
        var interface = 0
        var linkType = LinkType.ethernet
        var milliseconds = 0
    }

    private static func data(_ number: UInt32, timeToLive: UInt8 = 1) -> [UInt8] {
        PacketBytes.ethernet(
            PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(number)), timeToLive: timeToLive)
        )
    }

    private static func nak(_ number: UInt32) -> [UInt8] {
        PacketBytes.ethernet(
            PacketBytes.ipv4(
                PacketBytes.udp(PacketBytes.nak([number])),
                from: PacketBytes.receiver,
                to: PacketBytes.source
            )
        )
    }

    private static func deliver(_ sightings: [Sighting], _ body: (CapturedPacket) -> Void) {
        for (index, sighting) in sightings.enumerated() {
            sighting.bytes.withUnsafeBytes { octets in
                body(
                    CapturedPacket(
                        number: index + 1,
                        nanoseconds: Int64(sighting.milliseconds) * 1_000_000 + Int64(index),
                        interface: sighting.interface,
                        linkType: sighting.linkType,
                        originalByteCount: octets.count,
                        bytes: octets
                    )
                )
            }
        }
    }

    private static func inspect(
        _ sightings: [Sighting],
        places: CapturePlaces = .one
    ) -> InspectionReport {
        let inspection = Inspection()
        let capture = inspection.beginCapture("a", places: places)
        deliver(sightings) { inspection.handle($0, of: capture) }
        return inspection.finish()
    }

    private static func survey(_ sightings: [Sighting]) -> CapturePlaces {
        var survey = PlaceSurvey()
        deliver(sightings) { survey.handle($0) }
        return survey.places
    }

    @Test func `interfaces without a common packet are one place`() {
        let there = (0..<20).map { Sighting(bytes: Self.data($0), milliseconds: Int($0)) }
        let back = (0..<9).map { Sighting(bytes: Self.nak($0), interface: 1) }
        #expect(Self.survey(there + back) == .one)
        #expect(Self.survey(there) == .one)
    }

    @Test func `interfaces that show the same packets are several places`() {
        let both = (0..<20 as Range<UInt32>).flatMap { number in
            (0..<2).map { Sighting(bytes: Self.data(number), interface: $0) }
        }
        #expect(Self.survey(both).representatives == [0: 0, 1: 1])
        // Two taps with an interface for each direction.
        let naks = (0..<20 as Range<UInt32>).flatMap { number in
            [1, 3].map { Sighting(bytes: Self.nak(number), interface: $0) }
        }
        let datas = (0..<20 as Range<UInt32>).flatMap { number in
            [0, 2].map { Sighting(bytes: Self.data(number), interface: $0) }
        }
        #expect(Self.survey(datas + naks).representatives == [0: 0, 1: 0, 2: 2, 3: 2])
    }

    @Test func `an any interface is one place with the others of its machine`() throws {
        let sightings = (0..<50 as Range<UInt32>).flatMap { number in
            [
                Sighting(bytes: Self.data(number), milliseconds: Int(number)),
                Sighting(
                    bytes: PacketBytes.cooked2(
                        PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(number)))
                    ),
                    interface: 1,
                    linkType: .linuxSLL2,
                    milliseconds: Int(number)
                ),
            ]
        }
        #expect(Self.survey(sightings) == .one)
        let stream = try #require(Self.inspect(sightings).streams.first)
        #expect(stream.packets.odata == 50 && stream.details.duplicates.count == 0)
    }

    @Test func `a packet on two interfaces of one place is one packet`() throws {
        // The second interface is behind a router, and a little late.
        let sightings = (0..<50 as Range<UInt32>).flatMap { number in
            [
                Sighting(bytes: Self.data(number, timeToLive: 9), milliseconds: Int(number)),
                Sighting(
                    bytes: Self.data(number, timeToLive: 8),
                    interface: 1,
                    milliseconds: Int(number)
                ),
            ]
        }
        let report = Self.inspect(sightings)
        let stream = try #require(report.streams.first)
        #expect(report.streams.count == 1 && stream.packets.odata == 50)
        #expect(stream.details.duplicates.count == 0 && stream.details.timeToLiveMin == 9)
        #expect(report.captures[0].copyCount == 50)
        #expect(report.findings.filter { $0.code == "capture-copies" }.map(\.count) == [50])
        // Told apart, each has them all.
        let apart = Self.inspect(sightings, places: .each)
        #expect(apart.streams.map(\.packets.odata) == [50, 50])
        #expect(apart.captures[0].copyCount == 0)
    }

    @Test func `what the network doubled stays doubled, on however many interfaces`() throws {
        var sightings: [Sighting] = []
        for number in 0..<50 as Range<UInt32> {
            for interface in [0, 1] + (number == 20 ? [0, 1] : []) {
                sightings.append(
                    Sighting(
                        bytes: Self.data(number),
                        interface: interface,
                        milliseconds: Int(number)
                    )
                )
            }
        }
        let stream = try #require(Self.inspect(sightings).streams.first)
        #expect(stream.packets.odata == 51)
        #expect(stream.details.duplicates.count == 1)
    }

    @Test func `a request that is repeated is two requests`() throws {
        var sightings = (0..<9).map { Sighting(bytes: Self.data($0)) }
        for milliseconds in [10, 210] {
            for interface in [0, 1] {
                sightings.append(
                    Sighting(
                        bytes: Self.nak(5),
                        interface: interface,
                        milliseconds: milliseconds
                    )
                )
            }
        }
        let stream = try #require(Self.inspect(sightings).streams.first)
        #expect(stream.packets.nak == 2)
    }

    @Test func `interfaces below an any capture, told by their index or by the direction`() throws {
        let packet = { (number: UInt32) in
            PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(number)))
        }
        let two = (0..<50 as Range<UInt32>).flatMap { number in
            [2, 5].map { index in
                Sighting(
                    bytes: PacketBytes.cooked2(packet(number), interface: index),
                    linkType: .linuxSLL2,
                    milliseconds: Int(number)
                )
            }
        }
        let one = (0..<50 as Range<UInt32>).flatMap { number in
            [UInt8(0), 4].map { direction in
                var bytes = PacketBytes.cooked1(packet(number))
                bytes[1] = direction
                return Sighting(bytes: bytes, linkType: .linuxSLL, milliseconds: Int(number))
            }
        }
        for sightings in [two, one] {
            let stream = try #require(Self.inspect(sightings, places: .each).streams.first)
            #expect(stream.packets.odata == 50 && stream.details.duplicates.count == 0)
        }
    }

    @Test func `copies for several ends of tunnels are one packet`() throws {
        // Head-end replication: one frame to three ends, and plain at the port it came from.
        let sightings = (0..<50 as Range<UInt32>).flatMap { number in
            let frame = Self.data(number)
            let tunnels = (1...3 as ClosedRange<UInt64>).map { end in
                PacketBytes.ethernet(
                    PacketBytes.ipv4(
                        PacketBytes.udp(TunnelBytes.vxlan(frame, 7), destinationPort: 4789),
                        from: TunnelBytes.near,
                        to: IPAddress(v4: UInt32(0x0A09_0000 + end))
                    )
                )
            }
            return ([frame] + tunnels).map { Sighting(bytes: $0, milliseconds: Int(number)) }
        }
        let report = Self.inspect(sightings, places: .each)
        let stream = try #require(report.streams.first)
        #expect(report.streams.count == 1 && stream.packets.odata == 50)
        #expect(stream.details.duplicates.count == 0)
        #expect(report.captures[0].copyCount == 150)
        #expect(report.captures[0].tunnels.map(\.packetCount) == [50, 50, 50])
    }

    @Test func `more ways than are told apart`() {
        var table = CopyTable()
        var newCount = 0
        for packet in 0..<100 as Range<UInt64> {
            for way in 0..<40 as Range<UInt64> {
                let isCopy = table.isCopy(packet &* 7_919, way: way, at: Int64(packet) * 1_000_000)
                if !isCopy { newCount += 1 }
            }
        }
        #expect(newCount == 100)
    }

    @Test func `places by what was told`() {
        var places = CapturePlaces.one
        places.separate([0])
        #expect((0...3).map { places.place(of: $0, continuing: $0) } == [0, 1, 1, 1])
        places.separate([2])
        #expect((0...3).map { places.place(of: $0, continuing: $0) } == [0, 1, 2, 1])
        #expect(CapturePlaces.each.place(of: 3, continuing: 1) == 1)
    }

    @Test func `sections go on with the interfaces of those before`() {
        var capture = CaptureBytes()
        for section in 0..<3 {
            capture.appendSection()
            capture.appendInterface(name: "eth0")
            capture.appendInterface(name: section == 2 ? "eth2" : "eth1")
            for interface in 0..<2 {
                capture.appendEnhancedPacket(
                    Self.data(UInt32(section * 2 + interface)),
                    interface: UInt32(interface)
                )
            }
        }
        let reader = CaptureReader()
        var continued: [Int] = []
        capture.bytes.withUnsafeBytes { octets in
            reader.handle(octets)
            while let packet = reader.nextPacket() { continued.append(packet.continuedInterface) }
        }
        #expect(continued == [0, 1, 0, 1, 0, 5])
        #expect(reader.contents.interfaces.map(\.continued) == [nil, nil, 0, 1, 0, nil])
    }
}
