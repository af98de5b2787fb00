import CSodium
import NIOCore
import ZMTP

/// Between the octets of a WebSocket and the frames of ZMTP 3: one codec for each direction, asked once for a read or a write.
///
///     channel ── octets ──▶ WebSocketDecoder ── frames ──▶ ChannelStream
///     channel ◀── octets ── WebSocketEncoder ◀── frames ── ChannelStream
///
/// What is written between two flushes leaves in one buffer, unless it is large. Pings are answered, and a close, here.
final class WebSocketFramer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var decoder: WebSocketDecoder
    private var encoder: WebSocketEncoder
    /// What waits for the flush.
    private var pending = ByteBuffer()
    private var hasSentClose = false
    /// Whether a read has anything that is still of interest.
    private var isReading = true

    init(isServer: Bool, messageByteCountMax: Int) {
        decoder = WebSocketDecoder(isServer: isServer, messageByteCountMax: messageByteCountMax)
        encoder =
            isServer
            ? .server
            : .client { octets in
                if let start = octets.baseAddress { randombytes_buf(start, octets.count) }
            }
    }

    // MARK: - In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isReading else { return }
        let octets = unwrapInboundIn(data)
        var offset = 0
        // A control frame splits what a read gives; there are few of them.
        while isReading, offset < octets.readableBytes {
            var frames = ByteBuffer()
            do throws(WebSocketViolation) {
                let control = try decode(octets, &offset, into: &frames)
                var isSign = false
                if case .pong(let payload) = control {
                    isSign = true
                    if let answer = encoder.answer(in: payload) { frames.writeBytes(answer) }
                }
                // An empty buffer is a sign of life.
                if frames.readableBytes > 0 || isSign {
                    context.fireChannelRead(wrapInboundOut(frames))
                }
                if let control { handle(control, context) }
            } catch {
                fail(error, context)
            }
        }
    }

    private func decode(
        _ octets: ByteBuffer,
        _ offset: inout Int,
        into frames: inout ByteBuffer
    ) throws(WebSocketViolation) -> WebSocketDecoder.Control? {
        let room = decoder.byteCountMax(decoding: octets.readableBytes - offset)
        var outcome = Result<WebSocketDecoder.Control?, WebSocketViolation>.success(nil)
        frames.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { frames in
            octets.withUnsafeReadableBytes { octets in
                var byteCount = 0
                do throws(WebSocketViolation) {
                    outcome = .success(
                        try decoder.next(octets, from: &offset, into: frames, at: &byteCount)
                    )
                } catch {
                    outcome = .failure(error)
                }
                return byteCount
            }
        }
        return try outcome.get()
    }

    private func handle(_ control: WebSocketDecoder.Control, _ context: ChannelHandlerContext) {
        switch control {
        case .ping(let payload):
            // Who asks and never reads does not pile up answers.
            guard context.channel.isWritable else { return }
            pending.writeBytes(encoder.pongFrame(payload))
            flush(context: context)
        case .pong: break
        case .close(let code, let reason):
            isReading = false
            sendClose(code: code, context)
            if let failure = Self.failure(code, reason) { context.fireErrorCaught(failure) }
            context.close(promise: nil)
        }
    }

    /// 1000 is a close in good order, 1001 a peer that goes away (RFC 6455 §7.4.1).
    private static func failure(_ code: UInt16?, _ reason: String) -> WebSocketClosed? {
        guard let code, code != 1000, code != 1001 else { return nil }
        return WebSocketClosed(code: code, reason: reason)
    }

    private func fail(_ violation: WebSocketViolation, _ context: ChannelHandlerContext) {
        isReading = false
        sendClose(code: violation.closeCode, reason: violation.description, context)
        context.fireErrorCaught(violation)
        context.close(promise: nil)
    }

    // MARK: - Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let frames = unwrapOutboundIn(data)
        if !hasSentClose, frames.readableBytes > 0 {
            frames.withUnsafeReadableBytes { frames in
                _ = pending.writeWithUnsafeMutableBytes(
                    minimumWritableBytes: encoder.byteCount(encoding: frames)
                ) { encoder.encode(frames, into: $0) }
            }
        }
        // The channel counts only what it has, and tells by that when it is full.
        if promise != nil || pending.readableBytes >= Self.pendingByteCountMax {
            passPending(context, promise)
        }
    }

    func flush(context: ChannelHandlerContext) {
        passPending(context, nil)
        context.flush()
    }

    private func passPending(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard pending.readableBytes > 0 || promise != nil else { return }
        let octets = pending
        pending = ByteBuffer()
        context.write(wrapOutboundOut(octets), promise: promise)
    }

    /// The outgoing half ends with a close frame: the peer answers it, and so the connection ends.
    func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        sendClose(code: 1000, context)
        promise?.succeed()
    }

    private func sendClose(code: UInt16?, reason: String = "", _ context: ChannelHandlerContext) {
        guard !hasSentClose else { return }
        hasSentClose = true
        pending.writeBytes(encoder.closeFrame(code: code, reason: reason))
        flush(context: context)
    }

    private static let pendingByteCountMax = 64 << 10
}

/// The peer closed the WebSocket and said why.
struct WebSocketClosed: Error, CustomStringConvertible {
    var code: UInt16
    var reason: String

    var description: String {
        "the peer closed the WebSocket with code \(code)" + (reason.isEmpty ? "" : ": \(reason)")
    }
}
