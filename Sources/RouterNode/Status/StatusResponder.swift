import Foundation
import NIOCore
import NIOHTTP1

/// Answers the requests of one HTTP connection: `/status`, and where it is.
final class StatusResponder: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPServerRequestFull
    typealias OutboundOut = HTTPServerResponsePart

    private struct Answer: Sendable {
        var status = HTTPResponseStatus.ok
        var type = "text/plain; charset=utf-8"
        var body: ByteBuffer
        /// `Allow`, for a method that is not.
        var allowed: String?
    }

    private let status: @Sendable () async -> NodeStatus

    init(status: @escaping @Sendable () async -> NodeStatus) {
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let head = unwrapInboundIn(data).head
        let path = head.uri.prefix { $0 != "?" }
        guard path == "/status" else {
            let text = "there is nothing at \(path.prefix(80)); the status is at /status\n"
            return send(
                Answer(status: .notFound, body: ByteBuffer(string: text)),
                to: head,
                context
            )
        }
        guard head.method == .GET || head.method == .HEAD else {
            let text = "the status can be read, by GET\n"
            return send(
                Answer(
                    status: .methodNotAllowed,
                    body: ByteBuffer(string: text),
                    allowed: "GET, HEAD"
                ),
                to: head,
                context
            )
        }
        let status = status
        let promise = context.eventLoop.makePromise(of: Answer.self)
        promise.completeWithTask { try await Self.answer(status()) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            let failed = Answer(
                status: .internalServerError,
                body: ByteBuffer(string: "the status cannot be written\n")
            )
            self.send((try? result.get()) ?? failed, to: head, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private static func answer(_ status: NodeStatus) throws -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Answer(
            type: "application/json",
            body: ByteBuffer(bytes: try encoder.encode(status))
        )
    }

    private func send(
        _ answer: Answer,
        to request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        var head = HTTPResponseHead(version: request.version, status: answer.status)
        head.headers.add(name: "content-type", value: answer.type)
        head.headers.add(name: "content-length", value: "\(answer.body.readableBytes)")
        if let allowed = answer.allowed { head.headers.add(name: "allow", value: allowed) }
        head.headers.add(name: "connection", value: request.isKeepAlive ? "keep-alive" : "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        let end = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: end)
        guard !request.isKeepAlive else { return }
        end.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
