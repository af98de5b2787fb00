/// The name of a file, taken apart by the ways in which tools name the files of one capture.
///
/// | tool | names |
/// |---|---|
/// | `tcpdump -C`, with `-W` | `cap.pcap`, `cap.pcap1` … `cap.pcap12`; `cap.pcap00` … |
/// | `tcpdump -G` | whatever date and time the user wrote into the name: `cap-2026-11-23_07:24:28.pcap`, `cap_20261123.pcap`, `cap-1795418668.pcap` |
/// | dumpcap, Wireshark, editcap | `cap_00001_20261123072428.pcapng`, `cap_20261123072428_00001.pcapng` |
/// | logrotate | `cap.pcap`, `cap.pcap.1`, `cap.pcap.2` |
/// | by hand, by other tools | `cap-1.pcap`, `cap_001.pcap`, `cap.1.pcap` |
///
/// The last also names captures that only stand beside each other, so numbers alone say little.
struct RotatedName: Equatable {
    /// Same for all files of one capture by a tool's pattern; `nil` when the name has neither date nor a tool's number. Numbers and dates in it are
    /// replaced.
    private(set) var pattern: String?
    /// The name without the number that `tcpdump -C` appends: the first file's.
    private(set) var base: String
    /// The name with its last number replaced, when it has one: it may or may not be one of a sequence.
    private(set) var numbered: String?
    /// The file's place in the sequence; -1 where it has no number, as the first of `tcpdump -C`.
    private(set) var number = -1

    init(_ fileName: String) {
        let name = Self.withoutCompression(fileName)
        base = name
        if let match = name.wholeMatch(
            of: /(.*\.(?:pcapng|pcap|cap|dmp|dump|ntar|trc|tcpdump))\.?(\d{1,9})/
        ) {
            base = String(match.output.1)
            number = Int(match.output.2) ?? -1
        }
        if let match = base.wholeMatch(of: /(.*)_(\d{5,9})_(\d{14})((?:\.[A-Za-z]+)?)/) {
            pattern = "\(match.output.1)_#_@\(match.output.4)"
            number = Int(match.output.2) ?? number
        } else if let match = base.wholeMatch(of: /(.*)_(\d{14})_(\d{5,9})((?:\.[A-Za-z]+)?)/) {
            pattern = "\(match.output.1)_@_#\(match.output.4)"
            number = Int(match.output.3) ?? number
        } else {
            let undated = Self.withoutDates(base)
            if undated != base { pattern = undated }
        }
        guard number < 0, pattern == nil else { return }
        if let match = base.wholeMatch(of: /(.*?)(\d{1,9})((?:\.[A-Za-z]+)*)/) {
            numbered = "\(match.output.1)#\(match.output.3)"
            number = Int(match.output.2) ?? -1
        }
    }

    private static func withoutCompression(_ name: String) -> String {
        for suffix in [".gz", ".zst", ".zstd"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }

    /// Dates, with or without a time, times of their own, and seconds since 1970.
    private static func withoutDates(_ name: String) -> String {
        var name = name
        name.replace(
            /(^|[^0-9])20[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9](?:[-_.T ]?[0-2][0-9][-_:.h]?[0-5][0-9](?:[-_:.m]?[0-6][0-9])?)?Z?(?![0-9])/
        ) { "\($0.output.1)@" }
        name.replace(
            /(^|[^0-9])[0-2][0-9][-_:.h]?[0-5][0-9][-_:.m]?[0-6][0-9](?![0-9])/
        ) { "\($0.output.1)@" }
        name.replace(/(^|[^0-9])1[0-9]{9}(?![0-9])/) { "\($0.output.1)@" }
        return name
    }
}
