import PGM

@testable import Inspector

/// Feeds a `StreamTable` and a `MembershipTable` with packets that tests describe, and makes the report.
///
/// Packets go through PGM's encoders and its checked view, so what the tables see is what a wire would carry.
final class PacketFeed {
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
    /// What data carries, after the offset word.
    var payload: (SequenceNumber) -> [UInt8] = PacketFeed.message
    private var newest: SequenceNumber?

    var captures = [CaptureReport(name: "test.pcap")]
    let memberships: MembershipTable
    let streams: StreamTable

    init(options: StreamOptions = StreamOptions(), log: MessageLog? = nil) {
        memberships = MembershipTable(options: options)
        streams = StreamTable(options: options, memberships: memberships, log: log)
    }

    // MARK: - From the source

    func odata(_ number: SequenceNumber, at nanoseconds: Int64, flags: PacketFlags = []) {
        if newest.map({ number.isAfter($0) }) ?? true { newest = number }
        send(
            Packet(
                .odata,
                of: session,
                dataPort: dataPort,
                body: .data(DataFields(sequence: number, trail: trail)),
                flags: flags,
                payload: payload(number)
            ),
            at: nanoseconds
        )
    }

    func rdata(_ number: SequenceNumber, at nanoseconds: Int64, from sender: IPAddress? = nil) {
        send(
            Packet(
                .rdata,
                of: session,
                dataPort: dataPort,
                body: .data(DataFields(sequence: number, trail: trail)),
                payload: payload(number)
            ),
            at: nanoseconds,
            from: sender
        )
    }

    func spm(_ number: UInt32, lead: SequenceNumber?, isLast: Bool = false, at nanoseconds: Int64) {
        send(
            Packet(
                .spm,
                of: session,
                dataPort: dataPort,
                body: .spm(
                    SPMFields(
                        sequence: SequenceNumber(number),
                        trail: trail,
                        lead: lead ?? newest ?? firstNumber - 1,
                        path: NetworkAddress(source)
                    )
                ),
                options: isLast ? [PacketOption(.finish)] : []
            ),
            at: nanoseconds
        )
    }

    func ncf(_ numbers: [SequenceNumber], at nanoseconds: Int64) {
        send(request(.ncf, numbers), at: nanoseconds)
    }

    // MARK: - From receivers

    func nak(_ numbers: [SequenceNumber], from receiver: IPAddress, at nanoseconds: Int64) {
        send(request(.nak, numbers), at: nanoseconds, from: receiver, to: source)
    }

    func spmr(from receiver: IPAddress, at nanoseconds: Int64) {
        send(
            Packet(.spmr, of: session, dataPort: dataPort, body: .spmr),
            at: nanoseconds,
            from: receiver,
            to: source
        )
    }

    func membership(_ isJoin: Bool, of receiver: IPAddress, at nanoseconds: Int64) {
        let kind: MembershipMessage.Record.Kind = isJoin ? .changeToExclude : .changeToInclude
        let record = MembershipMessage.Record(kind: kind, group: group)
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
        var report = InspectionReport(
            captures: captures,
            streams: streams.makeReports(at: end),
            leftOutStreamPacketCount: streams.leftOutPacketCount,
            groups: memberships.makeReports(),
            queriers: memberships.queriers
        )
        report.findings = FindingMaker.findings(of: report)
        return report
    }

    // MARK: -

    private var trail: SequenceNumber {
        guard let windowCount, let newest else { return firstNumber }
        let oldest = newest - (windowCount - 1)
        return oldest.isAfter(firstNumber) ? oldest : firstNumber
    }

    private func request(_ type: PacketType, _ numbers: [SequenceNumber]) -> Packet {
        Packet(
            type,
            of: session,
            dataPort: dataPort,
            body: .nak(
                NAKFields(
                    sequence: numbers[0],
                    source: NetworkAddress(source),
                    group: NetworkAddress(group)
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
                from: sender ?? source,
                to: destination ?? group,
                at: nanoseconds,
                payload: bytes
            )
            streams.handle(
                PGMDatagram(
                    datagram: datagram,
                    encapsulation: isUDP
                        ? .udp(sourcePort: 40_000, destinationPort: dataPort) : .ip,
                    packet: view,
                    checksum: checksum
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
            capture: capture,
            interface: interface,
            packetNumber: 1,
            nanoseconds: nanoseconds,
            source: sender,
            destination: destination,
            protocolNumber: isUDP ? 17 : 113,
            timeToLive: timeToLive,
            trafficClass: 0,
            isReassembled: false,
            missingByteCount: 0,
            payload: payload
        )
    }

    /// Offset 0 and one message of one frame: `news` and the number.
    static func message(_ number: SequenceNumber) -> [UInt8] {
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
