import Vocabulary
import Dissection
import PGM
@testable import Inspector

/// Feeds a `StreamTable` and a `MembershipTable` with packets that tests describe, and makes the report.
///
/// Packets go through PGM's encoders and its checked view, so what the tables see is what a wire would carry.
final class PacketFeed {
    /// What holds for the packets that are sent from now on.
    struct Setting {
        var capture = 0
        var interface = 0
        var source = IPAddress(v4: 0x0A00_0001)
        var group = IPAddress(v4: 0xEFC0_0101)
        var session = TransportSessionID(globalSourceID: 0xB7C6_D1BC_038A, sourcePort: 4000)
        var dataPort: UInt16 = 5555
        var timeToLive: UInt8 = 16
        var isUDP = true
        var checksum = ChecksumState.valid
        /// Numbers that the source keeps; the trail follows. `nil`: the trail stays at the first number.
        var windowCount: Int?
        var firstNumber = SequenceNumber(0)
        /// SPMs announce parity for groups of this size.
        var parityGroupSize: UInt32?
        /// What data carries.
        var payload: @Sendable (SequenceNumber) -> [UInt8] = PacketFeed.message
    }

    var now = Setting()
    /// The newest number, by session and tap.
    private var newestNumbers: [Key: SequenceNumber] = [:]

    private struct Key: Hashable {
        var session: TransportSessionID
        var source: IPAddress
        var capture: Int
    }

    private var key: Key { Key(session: now.session, source: now.source, capture: now.capture) }
    private var newest: SequenceNumber? {
        get { newestNumbers[key] }
        set { newestNumbers[key] = newValue }
    }

    var captures = [CaptureReport(name: "test.pcap")]
    let memberships: MembershipTable
    private var streams: StreamTable

    init(options: StreamOptions = StreamOptions(), log: MessageLog? = nil) {
        memberships = MembershipTable(options: options)
        streams = StreamTable(options: options, memberships: memberships, log: log)
    }

    // MARK: - From the source

    func odata(_ number: SequenceNumber, at nanoseconds: Int64, flags: PacketFlags = []) {
        if !flags.contains(.parity), newest.map({ number.isAfter($0) }) ?? true { newest = number }
        send(
            Packet(
                .odata,
                of: now.session,
                dataPort: now.dataPort,
                body: .data(DataFields(sequence: number, trail: trail)),
                flags: flags,
                payload: now.payload(number)
            ),
            at: nanoseconds
        )
    }

    func rdata(_ number: SequenceNumber, at nanoseconds: Int64, from sender: IPAddress? = nil) {
        send(
            Packet(
                .rdata,
                of: now.session,
                dataPort: now.dataPort,
                body: .data(DataFields(sequence: number, trail: trail)),
                payload: now.payload(number)
            ),
            at: nanoseconds,
            from: sender
        )
    }

    func spm(_ number: UInt32, lead: SequenceNumber?, isLast: Bool = false, at nanoseconds: Int64) {
        var options: [PacketOption] = []
        if let size = now.parityGroupSize {
            options.append(
                PacketOption(
                    .parityParameters(isProactive: true, isOnDemand: true, groupSize: size)
                )
            )
        }
        if isLast { options.append(PacketOption(.finish)) }
        send(
            Packet(
                .spm,
                of: now.session,
                dataPort: now.dataPort,
                body: .spm(
                    SPMFields(
                        sequence: SequenceNumber(number),
                        trail: trail,
                        lead: lead ?? newest ?? now.firstNumber - 1,
                        path: NetworkAddress(now.source)
                    )
                ),
                options: options
            ),
            at: nanoseconds
        )
    }

    func ncf(_ numbers: [SequenceNumber], at nanoseconds: Int64) {
        send(request(.ncf, numbers), at: nanoseconds)
    }

    // MARK: - From receivers

    func nak(_ numbers: [SequenceNumber], from receiver: IPAddress, at nanoseconds: Int64) {
        send(request(.nak, numbers), at: nanoseconds, from: receiver, to: now.source)
    }

    func spmr(from receiver: IPAddress, at nanoseconds: Int64) {
        send(
            Packet(.spmr, of: now.session, dataPort: now.dataPort, body: .spmr),
            at: nanoseconds,
            from: receiver,
            to: now.source
        )
    }

    func membership(_ isJoin: Bool, of receiver: IPAddress, at nanoseconds: Int64) {
        let kind: MembershipMessage.Record.Kind = isJoin ? .changeToExclude : .changeToInclude
        let record = MembershipMessage.Record(kind: kind, group: now.group)
        deliver(.records([record]), from: receiver, at: nanoseconds)
    }

    func query(from querier: IPAddress, at nanoseconds: Int64) {
        let query = MembershipMessage.Query(maximumResponseMilliseconds: 10_000)
        deliver(.query(query), from: querier, at: nanoseconds)
    }

    // MARK: - Report

    func report(at end: Int64) -> InspectionReport {
        streams.finish()
        for index in captures.indices {
            captures[index].lastNanoseconds = captures[index].lastNanoseconds ?? end
        }
        var report = InspectionReport(captures: captures)
        report.take(streams, memberships)
        report.findings = report.makeFindings()
        return report
    }

    // MARK: -

    private var trail: SequenceNumber {
        guard let count = now.windowCount, let newest else { return now.firstNumber }
        let oldest = newest - (count - 1)
        return oldest.isAfter(now.firstNumber) ? oldest : now.firstNumber
    }

    private func request(_ type: PacketType, _ numbers: [SequenceNumber]) -> Packet {
        Packet(
            type,
            of: now.session,
            dataPort: now.dataPort,
            body: .nak(
                NAKFields(
                    sequence: numbers[0],
                    source: NetworkAddress(now.source),
                    group: NetworkAddress(now.group)
                )
            ),
            options: numbers.count > 1 ? [PacketOption(.nakList(Array(numbers.dropFirst())))] : []
        )
    }

    func send(
        _ packet: Packet,
        at nanoseconds: Int64,
        from sender: IPAddress? = nil,
        to destination: IPAddress? = nil
    ) {
        packet.encoded().withUnsafeBytes { bytes in
            guard let view = try? PacketView(bytes) else { return }
            let datagram = makeDatagram(
                from: sender ?? now.source,
                to: destination ?? now.group,
                at: nanoseconds,
                payload: bytes
            )
            streams.handle(
                PGMDatagram(
                    datagram: datagram,
                    encapsulation: now.isUDP
                        ? .udp(sourcePort: 40_000, destinationPort: now.dataPort) : .ip,
                    packet: view,
                    checksum: now.checksum
                )
            )
        }
    }

    private func deliver(
        _ content: MembershipMessage.Content,
        from sender: IPAddress,
        at nanoseconds: Int64
    ) {
        withUnsafeBytes(of: 0) { bytes in
            memberships.handle(
                MembershipMessage(
                    datagram: makeDatagram(
                        from: sender,
                        to: IPAddress(v4: 0xE000_0016),
                        at: nanoseconds,
                        payload: bytes
                    ),
                    version: .igmp3,
                    content: content,
                    checksum: .valid
                )
            )
        }
    }

    private func makeDatagram(
        from sender: IPAddress,
        to destination: IPAddress,
        at nanoseconds: Int64,
        payload: UnsafeRawBufferPointer
    ) -> Datagram {
        Datagram(
            capture: now.capture,
            interface: now.interface,
            packetNumber: 1,
            nanoseconds: nanoseconds,
            source: sender,
            destination: destination,
            protocolNumber: now.isUDP ? 17 : 113,
            timeToLive: now.timeToLive,
            trafficClass: 0,
            isReassembled: false,
            missingByteCount: 0,
            payload: payload
        )
    }

    /// Offset 0 and one message of one frame: `news` and the number.
    @Sendable static func message(_ number: SequenceNumber) -> [UInt8] {
        let body = Array("news\(number)".utf8)
        return [0, 0, UInt8(body.count + 1), 0] + body
    }
}

extension NetworkAddress {
    init(_ address: IPAddress) {
        switch address.family {
        case .v4: self.init(v4: UInt32(address.low))
        case .v6: self.init(v6High: address.high, low: address.low)
        }
    }
}
