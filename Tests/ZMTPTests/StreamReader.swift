import Wire
import ZMTP

/// What a shell does with the scanner's events, done the way its comments say; and the checks a shell relies on.
struct StreamReader {
    /// A whole message as its frames came, or a command's body.
    enum Unit: Equatable {
        case message([UInt8])
        case command([UInt8])
    }

    private(set) var units: [Unit] = []
    private(set) var violation: FrameViolation?
    /// Broken promises of the scanner.
    private(set) var complaints: [String] = []
    /// The most octets that were ever kept for an unfinished message or command.
    private(set) var spillByteCountMax = 0
    private(set) var eventCount = 0
    private var scanner: FrameScanner
    private var messageSpill: [UInt8] = []
    private var commandSpill: [UInt8] = []

    init(limits: FrameScanner.Limits = FrameScanner.Limits()) {
        scanner = FrameScanner(limits: limits)
    }

    /// All that comes of a stream cut into reads of these lengths; the last read takes the rest.
    static func read(
        _ stream: [UInt8],
        limits: FrameScanner.Limits = FrameScanner.Limits(),
        cut: (_ leftByteCount: Int) -> Int
    ) -> StreamReader {
        var reader = StreamReader(limits: limits)
        var offset = 0
        while offset < stream.count, reader.violation == nil {
            let end = min(stream.count, offset + max(1, cut(stream.count - offset)))
            reader.read(stream[offset..<end])
            offset = end
        }
        return reader
    }

    mutating func read(_ read: ArraySlice<UInt8>) {
        read.withUnsafeBytes { bytes in
            var offset = 0
            while violation == nil {
                let before = offset
                let event = scanner.next(bytes, from: &offset)
                eventCount += 1
                if case .drained = event {
                    if offset != bytes.count { complaints.append("drained at \(offset)") }
                    return
                }
                take(event, bytes)
                guard offset > before, offset <= bytes.count else {
                    if violation == nil { complaints.append("\(event) took nothing at \(before)") }
                    return
                }
            }
        }
    }

    private mutating func take(_ event: FrameScanner.Event, _ bytes: UnsafeRawBufferPointer) {
        switch event {
        case .run(let range, let messageCount):
            if !messageSpill.isEmpty { complaints.append("a run inside a message") }
            var walker = MessageWalker(UnsafeRawBufferPointer(rebasing: bytes[range]))
            var walkedCount = 0
            while walker.next() {
                walkedCount += 1
                let start = range.lowerBound
                units.append(.message(Array(bytes[start + walker.start..<start + walker.end])))
            }
            if walkedCount != messageCount {
                complaints.append("\(messageCount) is \(walkedCount)")
            }
        case .messagePiece(let range, let isLast):
            messageSpill += bytes[range]
            spillByteCountMax = max(spillByteCountMax, messageSpill.count)
            guard isLast else { return }
            units.append(.message(messageSpill))
            messageSpill = []
        case .command(let range):
            if !commandSpill.isEmpty { complaints.append("a command inside a command") }
            units.append(.command(Array(bytes[range])))
        case .commandPiece(let range, let isLast):
            commandSpill += bytes[range]
            spillByteCountMax = max(spillByteCountMax, commandSpill.count)
            guard isLast else { return }
            units.append(.command(commandSpill))
            commandSpill = []
        case .violation(let found):
            violation = found
        case .drained:
            break
        }
    }
}
