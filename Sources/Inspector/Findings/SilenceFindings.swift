import Rendering

/// Whether the source is heard as often as it must be, until it says good-bye.
struct SilenceFindings {
    let stream: StreamReport
    /// When the stream's capture ended.
    let captureEnd: Int64
    /// The source came back with a new session, so it has not vanished.
    let hasSuccessor: Bool

    var findings: [StreamFinding] {
        [silenceAfterData, longSilence, finalSilence].compactMap(\.self)
    }

    private var silenceAfterData: StreamFinding? {
        let heard = stream.announcements
        guard heard.silenceAfterDataNanosecondsMax > Self.heartbeatMax else { return nil }
        return StreamFinding(
            .warning,
            "heartbeat-silence",
            stream,
            "After data the source said nothing for "
                + "\(Figures.duration(heard.silenceAfterDataNanosecondsMax)): who lost the last packet "
                + "before that could not know. A source should send SPM heartbeats within a second or two "
                + "(RFC 3208, 5.1.5); look at its load and at drops of small packets.",
            first: heard.silenceAfterDataBegin,
            last: heard.silenceAfterDataBegin &+ heard.silenceAfterDataNanosecondsMax
        )
    }

    private var longSilence: StreamFinding? {
        let heard = stream.announcements
        let isLongest = heard.silenceNanosecondsMax > heard.silenceAfterDataNanosecondsMax
        guard heard.silenceNanosecondsMax > Self.ambientMax, isLongest else { return nil }
        return StreamFinding(
            .warning,
            "source-silent",
            stream,
            "The source said nothing for \(Figures.duration(heard.silenceNanosecondsMax)), not even an SPM, "
                + "which is due every 30 s. It stood still or its path was cut.",
            first: heard.silenceBegin,
            last: heard.silenceBegin &+ heard.silenceNanosecondsMax
        )
    }

    private var finalSilence: StreamFinding? {
        let heard = stream.announcements
        guard !heard.hasFinished, !hasSuccessor else { return nil }
        let limit = heard.endsAfterData ? Self.heartbeatMax : Self.ambientMax
        guard heard.finalSilenceNanoseconds > limit else { return nil }
        return StreamFinding(
            .warning,
            "source-vanished",
            stream,
            "The source was not heard for the last "
                + "\(Figures.duration(heard.finalSilenceNanoseconds)) of the capture and never said good-bye "
                + "(OPT_FIN): it was killed, hangs, or is cut off.",
            first: captureEnd &- heard.finalSilenceNanoseconds,
            last: captureEnd
        )
    }

    /// OpenPGM's heartbeats come 0.1 s, four times, then 1.3 s after data.
    private static let heartbeatMax: Int64 = 5_000_000_000
    /// An SPM is due every 30 s.
    private static let ambientMax: Int64 = 35_000_000_000
}
