import NIOCore
import Transports

/// Where there is no connection: nothing can be written, and what waits goes on waiting.
final class NoStream: ByteStream, Sendable {
    let loop: any EventLoop
    let peerDescription = "nobody"
    let isWritable = false

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func write(_ buffer: ByteBuffer) {
        preconditionFailure("nothing is written where there is no stream")
    }

    func flush() {}
    func setReading(_ isReading: Bool) {}
    func finish() {}
    func abort() {}
}
