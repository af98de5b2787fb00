public import Dissection

/// The one object that is fed with packets, and gives the report.
///
/// ```
///   beginCapture ─▶ handle(packet) … ─▶ endCapture ─▶ … next capture … ─▶ finish() ─▶ InspectionReport
///                        │
///                        ▼
///                    Dissector ─┬─▶ StreamTable ──────┐
///                               ├─▶ MembershipTable   ├─▶ MessageLog, when a verdict is asked for
///                               └─▶ SessionTable ─────┘
/// ```
public final class Inspection {
    private let core: UnsafeMutablePointer<InspectionCore>

    public init(_ options: InspectionOptions = InspectionOptions()) {
        core = .allocate(capacity: 1)
        core.initialize(to: InspectionCore(options))
    }

    deinit {
        core.deinitialize(count: 1)
        core.deallocate()
    }

    /// A capture begins, named and placed at a node as the user said; gives its index. Which of its interfaces are one place, `PlaceSurvey` finds out.
    public func beginCapture(
        _ name: String,
        node: String? = nil,
        places: CapturePlaces = .each
    ) -> Int {
        core.pointee.beginCapture(name, node: node, places: places)
    }

    /// - Precondition: `capture` was begun.
    public func handle(_ packet: CapturedPacket, of capture: Int) {
        core.pointee.handle(packet, of: capture)
    }

    /// What the reader says about the capture, at its end or, while it is followed, for now.
    public func update(_ contents: CaptureContents, of capture: Int) {
        core.pointee.update(contents, of: capture)
    }

    /// The report as it is now; analysis goes on.
    public func makeReport() -> InspectionReport { core.pointee.makeReport() }

    /// The captures have ended; gives the report.
    public func finish() -> InspectionReport { core.pointee.finish() }
}
