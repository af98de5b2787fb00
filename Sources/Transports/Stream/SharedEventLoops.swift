package import NIOCore
import NIOPosix

/// The process-wide event loops, and new ones for who wants loops of its own.
package enum SharedEventLoops {
    package static var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    /// Where a socket lives that was not told: on the loop that makes it, else on one that all such sockets share.
    /// One, like libzmq's one I/O thread: a program that goes from socket to socket wakes fewer threads, and one
    /// loop carries millions of messages per second.
    package static var standard: any EventLoop {
        MultiThreadedEventLoopGroup.currentEventLoop ?? first
    }

    /// Whether the calling thread is any event loop's.
    package static var isOnEventLoop: Bool { MultiThreadedEventLoopGroup.currentEventLoop != nil }

    private static let first = group.next()

    /// A group of `count` threads; the caller shuts it down.
    package static func makeGroup(count: Int) -> any EventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: count)
    }
}
