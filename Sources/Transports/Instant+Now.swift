import NIOCore
import Wire

extension Instant {
    /// The shells' clock: monotonic, from the machine's start.
    static var now: Instant {
        Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }
}
