import Dissection
import PGM

/// All streams of a report, and how they belong together: one stream at several taps, a source before and after its restart.
struct StreamRelations {
    let streams: [StreamReport]

    /// The same stream at other taps.
    func others(of stream: StreamReport) -> [StreamReport] {
        streams.filter { other in
            other.session == stream.session && other.source == stream.source
                && other.group == stream.group && other.destinationPort == stream.destinationPort
                && (other.capture != stream.capture || other.interface != stream.interface)
        }
    }

    /// The stream that the same host began at the same tap, group and port after this one had ended.
    func successor(of stream: StreamReport) -> StreamReport? {
        streams.filter { other in
            other.capture == stream.capture && other.interface == stream.interface
                && other.source == stream.source && other.group == stream.group
                && other.destinationPort == stream.destinationPort
                && other.transport == stream.transport && other.session != stream.session
                && other.firstNanoseconds > stream.lastSourceNanoseconds
        }.min { $0.firstNanoseconds < $1.firstNanoseconds }
    }

    /// Another tap saw the same requests and at least as many losses, so what is said of it is enough.
    func isToldElsewhere(_ stream: StreamReport) -> Bool {
        others(of: stream).contains { other in
            Self.tells(other, of: stream)
                && (!Self.tells(stream, of: other) || StreamReport.isBefore(other, stream))
        }
    }

    private static func tells(_ stream: StreamReport, of other: StreamReport) -> Bool {
        let summary = stream.repairSummary
        let known = other.repairSummary
        return summary.unrepairedCount >= known.unrepairedCount
            && summary.repairedCount >= known.repairedCount
            && summary.lostRepairs.count >= known.lostRepairs.count
            && other.receivers.filter(\.hasAsked).allSatisfy { receiver in
                stream.receivers.contains {
                    $0.address == receiver.address && $0.lostCount >= receiver.lostCount
                        && $0.unrepairedCount >= receiver.unrepairedCount
                }
            }
    }
}
