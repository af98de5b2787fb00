import PGM

/// The source's transmit window as its packets show it: trail, lead, and how long a packet stays between the two.
///
/// To learn how long the source holds a packet, some numbers are noted with the time they were sent; when the trail
/// passes one, its time is the hold. A handful of notes are enough, so memory does not grow with the window.
struct WindowTracker {
    private(set) var trail: SequenceNumber?
    private(set) var lead: SequenceNumber?
    /// The trail has moved: what the window holds is what the source can hold.
    private(set) var isMoving = false
    /// By SPMs, and by data: the numbers before a packet that the source still had when it sent it.
    private var announcedCountMax = 0
    private var dataCountMax = 0
    private(set) var holdMin: Int64 = .max
    private var holdSum = 0.0
    private var holdCount = 0

    private var notes: [Note] = []
    private var head = 0
    private static let noteCountMax = 16

    private struct Note {
        var number: SequenceNumber
        var nanoseconds: Int64
    }

    var holdMean: Int64? { holdCount == 0 ? nil : Int64(min(holdSum / Double(holdCount), 9e18)) }

    /// How far a trail is ahead of the one known; 0 when none is.
    func steps(to newTrail: SequenceNumber) -> Int {
        trail.map { newTrail.distance(from: $0) } ?? 0
    }

    /// A packet with this number was sent for the first time.
    mutating func handleLead(_ number: SequenceNumber, at nanoseconds: Int64) {
        guard lead.map({ number.isAfter($0) }) ?? true else { return }
        lead = number
        let noteCount = notes.count - head
        guard noteCount < Self.noteCountMax else { return }
        if noteCount > 0 {
            let span = max(1, trail.map { number.distance(from: $0) } ?? 1)
            let step = span / Self.noteCountMax
            guard number.distance(from: notes[notes.count - 1].number) > step else { return }
        }
        notes.append(Note(number: number, nanoseconds: nanoseconds))
    }

    mutating func handleTrail(_ newTrail: SequenceNumber, at nanoseconds: Int64) {
        guard let trail else {
            self.trail = newTrail
            return
        }
        guard newTrail.isAfter(trail) else { return }
        self.trail = newTrail
        isMoving = true
        if let lead { dataCountMax = max(dataCountMax, lead.distance(from: newTrail)) }
        while head < notes.count, newTrail.isAfter(notes[head].number) {
            let hold = max(0, nanoseconds &- notes[head].nanoseconds)
            holdMin = min(holdMin, hold)
            holdSum += Double(hold)
            holdCount += 1
            head += 1
        }
        if head > Self.noteCountMax {
            notes.removeFirst(head)
            head = 0
        }
    }

    /// An SPM says exactly what is in the window; a data packet's trail may be from before it was added.
    mutating func handleWindow(trail newTrail: SequenceNumber, lead: SequenceNumber, at now: Int64)
    {
        handleTrail(newTrail, at: now)
        guard isMoving else { return }
        announcedCountMax = max(announcedCountMax, lead.distance(from: newTrail) + 1)
    }

    /// The source counts from elsewhere.
    mutating func restart(trail newTrail: SequenceNumber, lead newLead: SequenceNumber) {
        trail = newTrail
        lead = newLead
        notes = []
        head = 0
    }

    var report: StreamReport.WindowReport {
        var report = StreamReport.WindowReport()
        report.trail = trail
        report.lead = lead
        guard isMoving else { return report }
        report.packetCount = announcedCountMax > 0 ? announcedCountMax : dataCountMax
        report.holdNanosecondsMin = holdCount == 0 ? nil : holdMin
        report.holdNanosecondsMean = holdMean
        return report
    }
}
