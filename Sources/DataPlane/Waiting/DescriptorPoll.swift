import Glibc
import Wire

/// Blocks a thread until one of several file descriptors is ready, or time is over: `poll(2)`.
package enum DescriptorPoll {
    package struct Wish: Sendable {
        package var descriptor: Int32
        package var wantsReading: Bool
        package var wantsWriting: Bool
        /// Also at its end, and when there is an error to be read.
        package fileprivate(set) var isReadable = false
        package fileprivate(set) var isWritable = false

        package init(_ descriptor: Int32, reading: Bool, writing: Bool) {
            self.descriptor = descriptor
            wantsReading = reading
            wantsWriting = writing
        }
    }

    /// Fills in which are ready; `nil` is without end. A signal ends no wait.
    ///
    /// - Returns: 0, or the `errno` of a wait that could not be: more descriptors than the process may have.
    package static func wait(_ wishes: inout [Wish], timeout: Duration?) -> CInt {
        let clock = ContinuousClock()
        let end = timeout.map { clock.now + $0 }
        var entries = wishes.map { wish in
            pollfd(
                fd: wish.descriptor,
                events: (wish.wantsReading ? Int16(POLLIN) : 0)
                    | (wish.wantsWriting ? Int16(POLLOUT) : 0),
                revents: 0
            )
        }
        while poll(&entries, end.map { max(.zero, $0 - clock.now) }) < 0 {
            guard errno == EINTR else { return errno }
        }
        for (index, entry) in entries.enumerated() {
            let isOver = Int32(entry.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0
            wishes[index].isReadable =
                wishes[index].wantsReading && (Int32(entry.revents) & POLLIN != 0 || isOver)
            wishes[index].isWritable =
                wishes[index].wantsWriting && (Int32(entry.revents) & POLLOUT != 0 || isOver)
        }
        return 0
    }

    private static func poll(_ entries: inout [pollfd], _ timeout: Duration?) -> CInt {
        Glibc.poll(&entries, nfds_t(entries.count), timeout.map(milliseconds) ?? -1)
    }

    /// Rounded up: a wait that ends too early would be one that finds nothing.
    private static func milliseconds(_ duration: Duration) -> CInt {
        let (quotient, remainder) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return CInt(clamping: quotient + (remainder > 0 ? 1 : 0))
    }
}
