import Inspector
import Rendering

/// The tables of the page. They are bounded; what is left out is said.
enum HTMLTables {
    private static let rowCountMax = 200

    private static func columns(_ titles: [String]) -> [(text: String, isNumber: Bool)] {
        titles.map { $0.hasPrefix("#") ? (String($0.dropFirst()), true) : ($0, false) }
    }

    private static func write(
        _ titles: [String],
        _ rows: [[MarkupTable.Cell]],
        _ markup: inout Markup
    ) {
        guard !rows.isEmpty else { return }
        MarkupTable(titles: columns(titles), rows: Array(rows.prefix(rowCountMax)))
            .write(to: &markup)
        if rows.count > rowCountMax {
            let rest = Figures.count(rows.count - rowCountMax)
            markup.element("p", "\(rest) more are in --format json.", class: "note")
        }
    }

    private static func duration(_ histogram: LogHistogram, _ share: Double) -> MarkupTable.Cell {
        .number(histogram.isEmpty ? "–" : Figures.duration(histogram.quantile(share)))
    }

    // MARK: - Verdict

    static func writeVerdict(_ verdict: Verdict, _ markup: inout Markup) {
        markup.element("h2", "Who got what")
        let hasTrees = Set(verdict.receivers.map(\.tree)).count > 1
        let rows = verdict.receivers.map { receiver -> [MarkupTable.Cell] in
            var cells: [MarkupTable.Cell] = [.name(receiver.name)]
            if hasTrees { cells.append(.text(receiver.tree ?? "–")) }
            cells.append(.text(receiver.parent ?? "–"))
            guard receiver.isObserved else {
                return cells + [.number("not seen")] + Array(repeating: .number("–"), count: 7)
            }
            return cells + [
                .number(Figures.count(receiver.expectedCount)),
                .number(Figures.count(receiver.deliveredCount)), .trouble(receiver.lostCount),
                .count(receiver.undecidedCount), .count(receiver.repairedCount),
                .trouble(receiver.duplicatedCount), duration(receiver.latency, 0.5),
                .number(
                    receiver.latency.isEmpty ? "–" : Figures.duration(receiver.latency.maximum)
                ),
            ]
        }
        write(
            ["receiver"] + (hasTrees ? ["tree"] : []) + [
                "from", "#expected", "#delivered", "#lost", "#unsure", "#repaired", "#twice",
                "#latency median", "#worst",
            ],
            rows,
            &markup
        )
        writeHops(verdict, &markup)
        writeLosses(verdict, &markup)
    }

    private static func writeHops(_ verdict: Verdict, _ markup: inout Markup) {
        guard !verdict.hops.isEmpty else { return }
        markup.element("h2", "Hops")
        write(
            ["hop", "by", "#offered", "#carried", "#lost here first", "where", "#median", "#99 %"],
            verdict.hops.map { hop in
                [
                    .name("\(hop.from) → \(hop.to)"), .text(hop.transport ?? "–"),
                    .number(Figures.count(hop.offeredCount)),
                    .number(Figures.count(hop.carriedCount)), .trouble(hop.lostCount),
                    .text(VerdictText.place(hop)), duration(hop.latency, 0.5),
                    duration(hop.latency, 0.99),
                ]
            },
            &markup
        )
    }

    private static func writeLosses(_ verdict: Verdict, _ markup: inout Markup) {
        let rows = verdict.receivers.flatMap { receiver in
            receiver.losses.map { loss -> [MarkupTable.Cell] in
                let numbers =
                    loss.count == 1
                    ? Figures.count(loss.first)
                    : "\(Figures.count(loss.first)) – \(Figures.count(loss.last))"
                return [
                    .name(receiver.name), .number(numbers), .number(Figures.count(loss.count)),
                    .text(CalendarTime(loss.nanoseconds).timeText()), .text(loss.topic),
                    .text(loss.hop),
                ]
            }
        }
        guard !rows.isEmpty else { return }
        markup.element("h2", "What was lost")
        write(
            ["receiver", "#messages", "#count", "time", "topic begins with", "lost first at"],
            rows,
            &markup
        )
    }

    // MARK: - Streams

    static func writeStreams(
        _ report: InspectionReport,
        _ names: ReportNames,
        _ markup: inout Markup
    ) {
        write(
            [
                "stream", "", "#data", "#repairs", "#messages", "#rate", "#busiest ms",
                "#missing here", "#lost, repaired", "#lost for good",
            ],
            report.streams.map { stream in
                [
                    .name(names.name(stream)), .text(stream.transport.rawValue),
                    .number(Figures.count(stream.packets.odata)), .count(stream.packets.rdata),
                    .count(stream.messages.count),
                    .number(Figures.bitRate(stream.rate.bitsPerSecond)),
                    .number(Figures.bitRate(stream.rate.peakBitsPerSecond)),
                    .count(stream.sequence.missingCount),
                    .count(stream.repairSummary.repairedCount),
                    .trouble(stream.repairSummary.unrepairedCount),
                ]
            },
            &markup
        )
    }

    static func writeReceivers(of stream: StreamReport, _ markup: inout Markup) {
        write(
            [
                "receiver", "#requests", "#packets lost", "#repaired", "#for good",
                "#repair median", "#worst",
            ],
            stream.receivers.map { receiver in
                [
                    .name("\(receiver.address)"), .count(receiver.nakCount),
                    .count(receiver.lostCount), .count(receiver.repairedCount),
                    .trouble(receiver.unrepairedCount), duration(receiver.repairLatency, 0.5),
                    .number(
                        receiver.repairLatency.isEmpty
                            ? "–" : Figures.duration(receiver.repairLatency.maximum)
                    ),
                ]
            },
            &markup
        )
    }

    static func writeLosses(of stream: StreamReport, _ markup: inout Markup) {
        guard !stream.losses.isEmpty else { return }
        markup.element("h3", "Not repaired")
        write(
            ["#sequence numbers", "#count", "time", "kind", "asked for by"],
            stream.losses.map { loss in
                [
                    .number(
                        loss.count == 1 ? "\(loss.first)" : "\(loss.first) – \(loss.last)"
                    ),
                    .number(Figures.count(loss.count)),
                    .text(CalendarTime(loss.nanoseconds).timeText()), .text(loss.kind.rawValue),
                    .text(Figures.list(loss.receivers.map { "\($0)" })),
                ]
            },
            &markup
        )
    }

    // MARK: - The rest

    static func writeFindings(_ report: InspectionReport, _ markup: inout Markup) {
        markup.element("h2", "Findings")
        guard !report.findings.isEmpty else {
            return markup.element("p", "None.", class: "note")
        }
        markup.raw("<ol class=\"findings\">")
        for finding in report.findings.prefix(rowCountMax) {
            markup.raw("<li>")
            markup.element(
                "span",
                finding.severity.text,
                class: "severity \(finding.severity.text)"
            )
            var subject = finding.subject
            if let first = finding.firstNanoseconds {
                subject += ", " + CalendarTime(first).timeText()
            }
            markup.element("span", subject, class: "subject")
            markup.element("p", finding.text)
            markup.raw("</li>")
        }
        markup.raw("</ol>\n")
        if report.findings.count > rowCountMax {
            let rest = Figures.count(report.findings.count - rowCountMax)
            markup.element("p", "\(rest) more are in --format json.", class: "note")
        }
    }

    static func writeSessions(_ report: InspectionReport, _ markup: inout Markup) {
        let sessions = report.sessions.filter { $0.content == .zmtp }
        if !sessions.isEmpty { markup.element("h2", "ZMTP connections") }
        write(
            [
                "client", "server", "version", "security", "types", "#from client",
                "#from server", "#sent again", "trouble",
            ],
            sessions.map { session in
                let (client, server) = (session.fromClient.zmtp, session.fromServer.zmtp)
                let tcp = [session.fromClient.tcp, session.fromServer.tcp]
                return [
                    .name("\(session.client)"), .name("\(session.server)"),
                    .text(client?.version ?? server?.version ?? "–"),
                    .text(client?.mechanism ?? server?.mechanism ?? "–"),
                    .text("\(client?.socketType ?? "?") – \(server?.socketType ?? "?")"),
                    messages(client), messages(server),
                    .count(tcp.map { $0.retransmissionCount + $0.repairCount }.reduce(0, +)),
                    .text(session.complaint ?? ""),
                ]
            },
            &markup
        )
        if !report.radio.isEmpty { markup.element("h2", "RADIO/DISH") }
        write(
            ["source", "destination", "groups", "#messages"],
            report.radio.map { flow in
                [
                    .name("\(flow.source)"), .name("\(flow.destination)"),
                    .text(Figures.list(flow.groups.map(\.name))),
                    .number(Figures.count(flow.messageCount)),
                ]
            },
            &markup
        )
    }

    private static func messages(_ zmtp: ZMTPReport?) -> MarkupTable.Cell {
        guard let zmtp else { return .number("–") }
        return zmtp.isEncrypted
            ? .number("\(Figures.count(zmtp.encryptedFrameCount)) sealed")
            : .count(zmtp.messageCount)
    }

    static func writeCaptures(_ report: InspectionReport, _ markup: inout Markup) {
        markup.element("h2", "Captures")
        write(
            ["capture", "node", "format", "#packets", "#octets", "#dropped", "not analysed"],
            report.captures.map { capture in
                [
                    .name(capture.name), .text(capture.node ?? "–"), .text(capture.format),
                    .number(Figures.count(capture.packetCount)),
                    .number(Figures.byteCount(capture.byteCount)),
                    capture.dropCount.map { .trouble($0) } ?? .number("not said"),
                    .text(
                        Figures.list(
                            capture.skips.map { "\(Figures.count($0.count)) \($0.reason)" }
                        )
                    ),
                ]
            },
            &markup
        )
    }
}
