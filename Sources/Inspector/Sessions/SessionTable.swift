/// All TCP connections and RADIO/DISH flows of all captures, with the ZMTP inside.
public final class SessionTable {
    private let log: MessageLog?
    private var connectionCount = 0

    /// - Parameter log: gets every message when a verdict is asked for.
    public init(log: MessageLog? = nil) {
        self.log = log
    }

    public func handle(_ segment: TCPSegment) {
        if segment.flags.contains(.syn), !segment.flags.contains(.ack) { connectionCount += 1 }
    }

    public func handle(_ datagram: UDPDatagram) {}

    /// The captures have ended.
    public func finish() {}

    /// In order of appearance.
    public var reports: [SessionReport] { [] }
}
