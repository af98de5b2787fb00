import Dissection
import PGM
import Simulation
@testable import Inspector

/// Captures of several taps as a test wants them: messages go by at given times, on clocks that are wrong by given amounts.
struct TapLab {
    let log = MessageLog()
    let clocks = ClockTable()
    var captures: [CaptureReport] = []
    var taps: [VerdictOptions.NodeTap] = []
    private var skews: [Int64] = []
    private let opened = Opened()

    /// Connections whose opening was shown.
    private final class Opened {
        var tracks: Set<[Int]> = []
    }

    static let start: Int64 = 1_700_000_000_000_000_000

    /// A tap with a capture of its own, whose clock is ahead by `skew`.
    mutating func addTap(_ name: String, skew: Int64 = 0, drops: Int? = nil) -> Int {
        let index = captures.count
        captures.append(
            CaptureReport(
                name: "\(name).pcap",
                node: name,
                interfaces: [
                    CaptureReport.Interface(
                        name: nil,
                        linkType: "Ethernet",
                        snapLength: 0,
                        dropCount: drops
                    )
                ],
                firstNanoseconds: Self.start + skew,
                lastNanoseconds: Self.start + 100_000_000_000 + skew
            )
        )
        taps.append(VerdictOptions.NodeTap(node: name, capture: index))
        skews.append(skew)
        return index
    }

    /// A PGM message that starts in a packet.
    func see(
        _ content: String,
        at tap: Int,
        packet: UInt32,
        milliseconds: Double,
        isRepaired: Bool = false,
        source: UInt32 = 0x0A4D_0001
    ) {
        let flow = log.flow(
            .pgm(
                source: IPAddress(v4: source),
                session: TransportSessionID(globalSourceID: 1, sourcePort: 2),
                group: IPAddress(v4: 0xEFC0_0101),
                destinationPort: 5555
            )
        )
        let time = Self.start + Int64(milliseconds * 1e6) + skews[tap]
        log.handleStart(of: flow, at: Tap(capture: tap), nanoseconds: time)
        append(content, flow, tap, time, SequenceNumber(packet), isRepaired)
    }

    /// A message over a TCP connection whose receiver subscribed to everything; in mid-flow that is not known.
    /// A topic is a frame of its own.
    func see(
        _ content: String,
        of topic: String? = nil,
        at tap: Int,
        connection: UInt16,
        milliseconds: Double,
        isMidflow: Bool = false
    ) {
        let flow = flow(connection)
        let time = Self.start + Int64(milliseconds * 1e6) + skews[tap]
        if opened.tracks.insert([flow, tap]).inserted {
            let place = Tap(capture: tap)
            let opening = Self.start - 2_000_000_000 + skews[tap]
            log.handleConnection(
                of: flow,
                at: place,
                isWhole: !isMidflow,
                nanoseconds: isMidflow ? time : opening
            )
            if !isMidflow {
                log.handleInterest(
                    in: flow,
                    at: place,
                    prefix: [],
                    isSubscribe: true,
                    nanoseconds: opening
                )
            }
        }
        append(content, of: topic, flow, tap, time, nil, false)
    }

    /// The tap's capture lacks what a TCP connection carries now.
    func gap(at tap: Int, connection: UInt16) {
        log.handleCaptureGap(in: flow(connection), at: Tap(capture: tap))
    }

    private func flow(_ connection: UInt16) -> Int {
        log.flow(
            .tcp(
                source: SocketAddress(address: IPAddress(v4: 1), port: 5556),
                destination: SocketAddress(address: IPAddress(v4: 2), port: connection),
                connection: 0
            )
        )
    }

    private func append(
        _ content: String,
        of topic: String? = nil,
        _ flow: Int,
        _ tap: Int,
        _ time: Int64,
        _ sequence: SequenceNumber?,
        _ isRepaired: Bool
    ) {
        log.append(
            ObservedMessage(
                capture: tap,
                flow: flow,
                index: 0,
                nanoseconds: time,
                digest: MessageHashTests.digest(
                    [topic, content].compactMap { $0.map { Array($0.utf8) } }
                ),
                sequence: sequence,
                isRepaired: isRepaired
            )
        )
    }

    /// A packet that passes a tap, for the clocks.
    func pass(
        _ number: UInt32,
        from source: UInt32,
        to destination: UInt32,
        at tap: Int,
        milliseconds: Double
    ) {
        let payload: [UInt8] = []
        payload.withUnsafeBytes { empty in
            clocks.handle(
                TCPSegment(
                    datagram: Datagram(
                        capture: tap,
                        interface: 0,
                        packetNumber: 1,
                        nanoseconds: Self.start + Int64(milliseconds * 1e6) + skews[tap],
                        source: IPAddress(v4: source),
                        destination: IPAddress(v4: destination),
                        protocolNumber: 6,
                        timeToLive: 64,
                        trafficClass: 0,
                        isReassembled: false,
                        missingByteCount: 0,
                        payload: empty
                    ),
                    sourcePort: 1,
                    destinationPort: 2,
                    sequence: 0,
                    acknowledgement: number,
                    flags: .ack,
                    window: 1,
                    payload: empty
                )
            )
        }
    }

    func verdict(late: Int64? = nil) -> Verdict {
        Verdict.make(
            log: log,
            clocks: clocks,
            captures: captures,
            options: VerdictOptions(taps: taps, lateNanoseconds: late)
        )
    }
}

extension Verdict {
    func receiver(_ name: String) -> Receiver {
        receivers.first { $0.name == name } ?? Receiver()
    }

    var codes: [String] { reasons.filter { $0.effect != .note }.map(\.code) }
}
