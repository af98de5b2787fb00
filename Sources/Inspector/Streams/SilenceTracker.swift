import Vocabulary
import Dissection
import PGM

/// Whether the source is heard: SPMs and data, and the times without either.
///
/// After data a source sends heartbeats, soon and then ever more slowly, so that who lost the last packet learns of it; and
/// an SPM at least every so often (RFC 3208 §5.1.2, §5.1.5). OpenPGM: 100 ms four times, 1.3 s, 7, 16, 25, 30 s.
struct SilenceTracker {
    private(set) var report = StreamReport.AnnouncementReport()
    private(set) var lastHeard: Int64?
    private var isAfterData = false

    mutating func handleSPM(_ packet: PacketView, from source: IPAddress, at nanoseconds: Int64) {
        handleAny(at: nanoseconds, isData: false)
        if report.firstNanoseconds == nil { report.firstNanoseconds = nanoseconds }
        report.lastNanoseconds = nanoseconds
        if case .spm(let fields) = packet.body {
            report.firstNumber = report.firstNumber ?? fields.sequence.rawValue
            let path = IPAddress(fields.path)
            report.otherPathAddress = path == source ? nil : path
        }
        if packet.options.first(ofType: OptionType.finish) != nil { report.hasFinished = true }
    }

    mutating func handleData(at nanoseconds: Int64) {
        handleAny(at: nanoseconds, isData: true)
    }

    /// The silence that lasts until the end of the capture.
    mutating func finish(at nanoseconds: Int64) {
        guard let lastHeard, !report.hasFinished else { return }
        let silence = max(0, nanoseconds &- lastHeard)
        report.finalSilenceNanoseconds = silence
        report.endsAfterData = isAfterData
    }

    @inline(__always)
    private mutating func handleAny(at nanoseconds: Int64, isData: Bool) {
        if let lastHeard {
            let silence = nanoseconds &- lastHeard
            if silence > report.silenceNanosecondsMax, !report.hasFinished {
                report.silenceNanosecondsMax = silence
                report.silenceBegin = lastHeard
            }
            if isAfterData, silence > report.silenceAfterDataNanosecondsMax, !report.hasFinished {
                report.silenceAfterDataNanosecondsMax = silence
                report.silenceAfterDataBegin = lastHeard
            }
        }
        lastHeard = nanoseconds
        isAfterData = isData
    }
}

extension IPAddress {
    /// The same address, as PGM's packets hold it.
    init(_ address: NetworkAddress) {
        switch address.family {
        case .v4: self.init(v4: UInt32(truncatingIfNeeded: address.low))
        case .v6: self.init(v6High: address.high, low: address.low)
        }
    }
}
