import PGM
import Rendering

/// Sources that ended one session and began another.
struct RestartFindings {
    let relations: StreamRelations

    var findings: [StreamFinding] {
        relations.streams.compactMap { stream in
            guard let next = relations.successor(of: stream), isDirect(stream, next),
                isEvident(stream, next)
            else { return nil }
            return finding(stream, next)
        }
    }

    /// Two publishers of one host that take turns in a short capture are no restart: the old one said good-bye or is silent
    /// beyond all measure, or the new one is seen from its first announcement on.
    private func isEvident(_ stream: StreamReport, _ next: StreamReport) -> Bool {
        stream.announcements.hasFinished
            || stream.announcements.finalSilenceNanoseconds > Self.silenceNanosecondsMax
            || next.announcements.firstNumber.map { $0 <= 1 } ?? false
    }

    /// An SPM is due every 30 s.
    private static let silenceNanosecondsMax: Int64 = 35_000_000_000

    /// Only the last of those that ended before the next began was followed by it.
    private func isDirect(_ stream: StreamReport, _ next: StreamReport) -> Bool {
        !relations.streams.contains { other in
            other.session != stream.session
                && relations.successor(of: other)?.session == next.session
                && other.capture == stream.capture && other.interface == stream.interface
                && other.source == stream.source && other.group == stream.group
                && other.lastSourceNanoseconds > stream.lastSourceNanoseconds
        }
    }

    private func finding(_ stream: StreamReport, _ next: StreamReport) -> StreamFinding {
        let pause = next.firstNanoseconds &- stream.lastSourceNanoseconds
        let isClean = stream.announcements.hasFinished
        let old = "session \(stream.session)"
        return StreamFinding(
            isClean ? .note : .warning,
            "source-restart",
            next,
            isClean
                ? "The source ended \(old) properly and began this one \(Figures.duration(pause)) later."
                : "The source ended \(old) without good-bye (killed, or crashed) and came back as "
                    + "\(next.session) \(Figures.duration(pause)) later. Receivers treat it as a new stream: "
                    + "what they lacked of the old one is lost, and numbers begin anew at "
                    + "\(next.sequence.first.map { "\($0)" } ?? "the first").",
            first: next.firstNanoseconds
        )
    }
}
