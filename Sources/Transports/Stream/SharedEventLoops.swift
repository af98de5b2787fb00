package import NIOCore
import NIOPosix

/// The process-wide event loops, and new ones for who wants loops of its own.
package enum SharedEventLoops {
    package static var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    /// A group of `count` threads; the caller shuts it down.
    package static func makeGroup(count: Int) -> any EventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: count)
    }
}
