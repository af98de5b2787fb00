package import NIOCore

/// A piece of what waits for one peer, written as it is. Its kind says what may be done with it, so that neither
/// priority nor counts need a look at the octets.
package struct OutboundSegment: Sendable {
    package enum Kind: Equatable, Sendable {
        /// Whole messages: limited, counted, and cut between two of them where the limit makes it necessary.
        case run(messageCount: Int)
        /// Commands and subscriptions: ahead of every run, outside of the limit, never dropped.
        case control
    }

    package var buffer: ByteBuffer
    package var kind: Kind

    package var messageCount: Int {
        switch kind {
        case .run(let messageCount): messageCount
        case .control: 0
        }
    }

    package var byteCount: Int { buffer.readableBytes }
}
