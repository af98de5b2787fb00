import Dissection
@testable import InspectionReports
import PGM
import Testing
@testable import Inspector

/// A scenario as text: settings, then events, each with its time in milliseconds.
///
///     window 8                     the source keeps so many packets
///     0 spm 0                      an SPM with this number; its lead is the newest data
///     10 odata 0..99 every 1       packets 0 to 99, one each millisecond
///     52 nak 10.0.0.12 40,41       a receiver asks for two numbers
///     53 ncf 40,41                 the source confirms
///     54 rdata 40                  and repairs
///     900 spm 1 fin                good-bye
///
/// Other settings: `source ADDRESS PORT`, `group ADDRESS`, `ttl N`, `raw`, `tap CAPTURE INTERFACE`, `first NUMBER`,
/// `checksum valid|invalid|absent`, `drops N`, `payload text|foreign|fatal`, `groups SIZE` (of parity). Other events: `join`,
/// `leave`, `query`, `spmr`, `parity NUMBERS`, `naks ADDRESS NUMBERS` (one NAK each).
struct StreamScenario {
    struct Mistake: Error, CustomStringConvertible {
        var description: String
    }

    /// 2026-11-23 12:00:00 UTC.
    static let start: Int64 = 1_795_435_200_000_000_000

    private let feed = PacketFeed()
    private var end = start
    /// Lines may be in any order; packets go by in the order of their times.
    private var events: [(time: Int64, setting: PacketFeed.Setting, send: (PacketFeed) -> Void)] =
        []

    /// Plays the lines, and gives the report without the list of captures.
    static func outcome(_ text: String) throws -> String {
        var scenario = StreamScenario()
        for line in text.split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            if let time = Double(words[0]) {
                try scenario.play(Array(words.dropFirst()), at: time)
            } else {
                try scenario.set(words)
            }
        }
        let report = scenario.run()
        let names = ReportNames(report)
        let sections = [
            ReportConclusion.lines(report, width: 100),
            ReportText.streams(report, names),
            ReceiverText.lines(report, names),
            ReportText.findings(report, width: 100),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n")
    }

    private func run() -> InspectionReport {
        let ordered = events.enumerated().sorted { left, right in
            left.element.time != right.element.time
                ? left.element.time < right.element.time : left.offset < right.offset
        }
        for (_, event) in ordered {
            feed.now = event.setting
            event.send(feed)
        }
        return feed.report(at: end)
    }

    private mutating func at(_ time: Int64, _ send: @escaping (PacketFeed) -> Void) {
        events.append((time, feed.now, send))
        end = max(end, time)
    }

    private mutating func set(_ words: [String]) throws {
        func word(_ index: Int) throws -> String {
            guard index < words.count else { throw Mistake(description: "too short: \(words)") }
            return words[index]
        }
        switch words[0] {
        case "source":
            feed.now.source = try address(word(1))
            feed.now.session.sourcePort = UInt16(try word(2)) ?? 0
        case "group": feed.now.group = try address(word(1))
        case "ttl": feed.now.timeToLive = UInt8(try word(1)) ?? 0
        case "raw": feed.now.isUDP = false
        case "window": feed.now.windowCount = Int(try word(1))
        case "first": feed.now.firstNumber = SequenceNumber(UInt32(try word(1)) ?? 0)
        case "tap":
            feed.now.capture = Int(try word(1)) ?? 0
            feed.now.interface = Int(try word(2)) ?? 0
            while feed.captures.count <= feed.now.capture {
                feed.captures.append(CaptureReport(name: "tap\(feed.captures.count).pcap"))
            }
        case "groups": feed.now.parityGroupSize = UInt32(try word(1))
        case "drops":
            feed.captures[feed.now.capture].interfaces = [
                CaptureReport.Interface(
                    name: "eth0",
                    linkType: "Ethernet",
                    snapLength: 0,
                    dropCount: Int(try word(1))
                )
            ]
        case "checksum":
            feed.now.checksum =
                switch try word(1) {
                case "invalid": .invalid
                case "absent": .absent
                default: .valid
                }
        case "payload":
            feed.now.payload =
                switch try word(1) {
                case "foreign": { _ in [0, 0, 0, 0, 0, 0] }
                case "fatal": { _ in [0] }
                default: PacketFeed.message
                }
        default: throw Mistake(description: "unknown setting: \(words[0])")
        }
    }

    private mutating func play(_ words: [String], at milliseconds: Double) throws {
        guard let verb = words.first else { throw Mistake(description: "no event") }
        let now = Self.start + Int64(milliseconds * 1_000_000)
        end = max(end, now)
        let rest = Array(words.dropFirst())
        switch verb {
        case "odata": try each(rest, from: now) { $0.odata($1, at: $2) }
        case "rdata": try each(rest, from: now) { $0.rdata($1, at: $2) }
        case "spm":
            let number = UInt32(rest.first ?? "") ?? 0
            let lead = rest.firstIndex(of: "lead").flatMap { UInt32(rest[$0 + 1]) }
            let isLast = rest.contains("fin")
            at(now) {
                $0.spm(number, lead: lead.map { SequenceNumber($0) }, isLast: isLast, at: now)
            }
        case "parity":
            try each(rest, from: now) { $0.odata($1, at: $2, flags: .parity) }
        case "naks":
            let receiver = try address(rest.first)
            try each(Array(rest.dropFirst()), from: now) { $0.nak([$1], from: receiver, at: $2) }
        case "ncf":
            let numbers = try numbers(rest.first)
            at(now) { $0.ncf(numbers, at: now) }
        case "nak":
            let receiver = try address(rest.first)
            let numbers = try numbers(rest.last)
            at(now) { $0.nak(numbers, from: receiver, at: now) }
        case "spmr", "join", "leave", "query":
            let address = try address(rest.first)
            at(now) { feed in
                switch verb {
                case "spmr": feed.spmr(from: address, at: now)
                case "query": feed.query(from: address, at: now)
                default: feed.membership(verb == "join", of: address, at: now)
                }
            }
        case "end": break
        default: throw Mistake(description: "unknown event: \(verb)")
        }
    }

    private mutating func each(
        _ words: [String],
        from start: Int64,
        _ send: @escaping (PacketFeed, SequenceNumber, Int64) -> Void
    ) throws {
        let every = words.firstIndex(of: "every").map { Double(words[$0 + 1]) ?? 1 } ?? 1
        for (index, number) in try numbers(words.first).enumerated() {
            let time = start + Int64(Double(index) * every * 1_000_000)
            at(time) { send($0, number, time) }
        }
    }

    /// `3`, `3,7`, `0..9`, `4294967290..5` (which wraps).
    private func numbers(_ text: String?) throws -> [SequenceNumber] {
        guard let text else { throw Mistake(description: "numbers are missing") }
        return try text.split(separator: ",").flatMap { part -> [SequenceNumber] in
            let ends = part.replacing("..", with: " ").split(separator: " ").compactMap {
                UInt32($0)
            }
            guard let first = ends.first, let last = ends.last else {
                throw Mistake(description: "no numbers: \(part)")
            }
            return (0...(last &- first)).map { SequenceNumber(first &+ $0) }
        }
    }

    private func address(_ text: String?) throws -> IPAddress {
        guard let text, let address = IPAddress(text) else {
            throw Mistake(description: "no address: \(text ?? "")")
        }
        return address
    }
}
