package import NIOCore

/// A piece of what waits for one peer, written as it is. Its kind says what may be done with it, so that neither
/// priority nor counts need a look at the octets.
package struct OutboundSegment: Sendable {
    package enum Kind: Equatable, Sendable {
        /// Whole messages: limited, counted, and cut between two of them where the limit makes it necessary.
        case run(messageCount: Int)
        /// A piece of a frame that is written in several: nothing comes between them. Outside of the limit, never dropped.
        case piece(isLast: Bool)
        /// Commands and subscriptions: ahead of every run, outside of the limit, never dropped.
        case control

        var isPiece: Bool {
            if case .piece = self { true } else { false }
        }
    }

    package var buffer: ByteBuffer
    package var kind: Kind

    package var messageCount: Int {
        switch kind {
        case .run(let messageCount): messageCount
        case .control, .piece: 0
        }
    }

    package var byteCount: Int { buffer.readableBytes }
}
