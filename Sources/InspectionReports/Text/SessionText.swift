public import Inspector
import Rendering

/// Connections for a person: one line each, those with ZMTP, the busiest first.
public enum SessionText {
    private static let sessionCountMax = 30

    public static func lines(
        _ sessions: [SessionReport],
        _ radio: [RadioReport],
        width: Int = .max
    ) -> [String] {
        let zmtp = sessions.filter { $0.content == .zmtp }
        var lines: [String] = []
        if !zmtp.isEmpty { lines += ["ZMTP CONNECTIONS"] + table(zmtp, width) }
        let others = sessions.count - zmtp.count
        if others > 0 {
            let prefix = zmtp.isEmpty ? "" : "and "
            lines.append(prefix + Figures.count(others, "TCP connection") + " without ZMTP")
        }
        for flow in radio.prefix(sessionCountMax) {
            let groups = flow.groups.prefix(4).map {
                "\($0.name) (\(Figures.count($0.messageCount)))"
            }
            lines.append(
                "RADIO \(flow.source) → \(flow.destination): "
                    + "\(Figures.count(flow.messageCount, "message")), groups "
                    + Figures.list(groups)
            )
        }
        return lines
    }

    private static func table(_ sessions: [SessionReport], _ width: Int) -> [String] {
        var table = TextColumns([
            .text("client"), .text("server"), .text("version", worth: 1),
            .text("security", worth: 2), .text("types", worth: 7),
            .number("from client", worth: 6), .number("from server", worth: 5),
            .text("subscribed to", worth: 4), .number("sent again", worth: 8),
            .text("ended", worth: 3),
        ])
        let busiest = sessions.enumerated().sorted {
            let (left, right) = (weight($0.element), weight($1.element))
            return left != right ? left > right : $0.offset < $1.offset
        }.map(\.element)
        for session in busiest.prefix(sessionCountMax) {
            let (client, server) = (session.fromClient.zmtp, session.fromServer.zmtp)
            table.add([
                "\(session.client)", "\(session.server)",
                client?.version ?? server?.version ?? TextColumns.nothing,
                client?.mechanism ?? server?.mechanism ?? TextColumns.nothing,
                "\(client?.socketType ?? "?") – \(server?.socketType ?? "?")",
                messages(client), messages(server), subscriptions(client, server),
                Figures.count(repairs(session.fromClient.tcp) + repairs(session.fromServer.tcp)),
                session.ending == .open ? TextColumns.nothing : session.ending.rawValue,
            ])
        }
        var lines = table.lines(width: width)
        if sessions.count > sessionCountMax {
            lines.append("and \(Figures.count(sessions.count - sessionCountMax)) more")
        }
        return lines
    }

    private static func weight(_ session: SessionReport) -> Int {
        session.fromClient.tcp.byteCount &+ session.fromServer.tcp.byteCount
    }

    private static func repairs(_ tcp: TCPReport) -> Int {
        tcp.retransmissionCount + tcp.repairCount
    }

    private static func messages(_ zmtp: ZMTPReport?) -> String {
        guard let zmtp else { return TextColumns.nothing }
        if zmtp.isEncrypted { return "\(Figures.count(zmtp.encryptedFrameCount)) sealed" }
        return Figures.count(zmtp.messageCount)
    }

    private static func subscriptions(_ client: ZMTPReport?, _ server: ZMTPReport?) -> String {
        let all = [client, server].compactMap { $0 }.flatMap(\.subscriptions)
        let lasting = all.filter { $0.subscribeCount > $0.cancelCount }
        // Who leaves in good order cancels all.
        let topics = (lasting.isEmpty ? all : lasting)
            .map { $0.topic.isEmpty ? "everything" : $0.topic }
        return topics.isEmpty ? TextColumns.nothing : Figures.list(topics, limit: 3)
    }
}
