import PGM

/// What one receiver's application learned of one session: deliveries and losses must follow each other without gap or
/// overlap, and each payload must be the one that was sent.
struct Journal {
    enum Fault: Equatable, CustomStringConvertible {
        case gap(expected: SequenceNumber, got: SequenceNumber)
        case wrongPayload(SequenceNumber)
        case afterEnd(SequenceNumber)

        var description: String {
            switch self {
            case .gap(let expected, let got): "expected \(expected), got \(got)"
            case .wrongPayload(let number): "wrong payload under \(number)"
            case .afterEnd(let number): "\(number) after the end"
            }
        }
    }

    let session: TransportSessionID
    private(set) var first: SequenceNumber?
    private(set) var next: SequenceNumber?
    private(set) var deliveredCount = 0
    private(set) var losses: [SequenceRange] = []
    private(set) var faults: [Fault] = []
    var isFinished = false
    var isReset = false

    var lostCount: Int { losses.reduce(0) { $0 + $1.count } }

    init(session: TransportSessionID) {
        self.session = session
    }

    mutating func deliver(_ number: SequenceNumber, _ payload: [UInt8]) {
        step(SequenceRange(first: number, count: 1))
        deliveredCount += 1
        if payload != Self.payload(number, of: session) { faults.append(.wrongPayload(number)) }
    }

    mutating func lose(_ range: SequenceRange) {
        step(range)
        losses.append(range)
    }

    private mutating func step(_ range: SequenceRange) {
        if isFinished { faults.append(.afterEnd(range.first)) }
        if let next, next != range.first {
            faults.append(.gap(expected: next, got: range.first))
        }
        if first == nil { first = range.first }
        next = range.first + range.count
    }

    /// What a source of this session sends under this number: different for each, of different lengths.
    static func payload(_ number: SequenceNumber, of session: TransportSessionID) -> [UInt8] {
        var state =
            session.globalSourceID &* 31 &+ UInt64(session.sourcePort) << 32
            &+ UInt64(number.rawValue)
        return (0..<(4 + Int(number.rawValue &* 7 % 23))).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }
}
