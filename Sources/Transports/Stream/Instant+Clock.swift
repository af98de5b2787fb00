package import NIOCore
package import Wire

extension Instant {
    /// The shells' clock: monotonic, from the machine's start.
    package static var now: Instant {
        Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }

    /// The same point for the event loop's timers.
    package var nioDeadline: NIODeadline {
        .uptimeNanoseconds(UInt64(max(0, nanoseconds)))
    }
}
