import Foundation
import NIOCore
import NIOHTTP1
import Transports
import Wire

/// Asks relays for their status.
public enum ControlClient {
    /// Refuses what is no control endpoint, `host:port`, without asking anybody.
    public static func check(_ address: String) throws(ControlError) {
        _ = try ControlAddress(address)
    }

    /// The status of the relay with that control endpoint (`host:port`).
    public static func status(
        at address: String,
        timeout: Duration = .seconds(3)
    ) async throws(ControlError) -> NodeStatus {
        let control = try ControlAddress(address)
        do {
            let response = try await request(control, timeout)
            guard response.head.status == .ok, var body = response.body,
                let octets = body.readBytes(length: body.readableBytes)
            else { throw ControlError(message: "what answers at \(address) is not a relay") }
            return try JSONDecoder().decode(NodeStatus.self, from: Data(octets))
        } catch let error as ControlError {
            throw error
        } catch is DecodingError {
            throw ControlError(message: "what answers at \(address) is not a relay")
        } catch ChannelError.connectTimeout, is RequestTimeout {
            throw ControlError(message: "no answer from \(address) within \(timeout)")
        } catch is HTTPParserError, is NIOHTTPObjectAggregatorError {
            throw ControlError(message: "what answers at \(address) is not a relay")
        } catch {
            throw ControlError(message: "nobody answers at \(address)")
        }
    }

    private struct RequestTimeout: Error {}

    private static func request(
        _ address: ControlAddress,
        _ timeout: Duration
    ) async throws -> NIOHTTPClientResponseFull {
        let target = try address.resolved()
        let limit = TimeAmount.nanoseconds(timeout.nanoseconds)
        let loop = SharedEventLoops.standard
        let promise = loop.makePromise(of: NIOHTTPClientResponseFull.self)
        let timer = loop.scheduleTask(in: limit) { promise.fail(RequestTimeout()) }
        let opening = PlainChannels.connect(
            to: target,
            loop: loop,
            timeout: limit
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHTTPClientHandlers()
                try pipeline.addHandlers([
                    NIOHTTPClientResponseAggregator(maxContentLength: bodyByteCountMax),
                    ResponseCollector(promise: promise),
                ])
            }
        }
        opening.whenFailure { promise.fail($0) }
        opening.whenSuccess { channel in
            var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/status")
            head.headers.add(name: "host", value: address.description)
            head.headers.add(name: "connection", value: "close")
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
        let answer = promise.futureResult.always { _ in
            timer.cancel()
            opening.whenSuccess { $0.close(promise: nil) }
        }
        return try await withTaskCancellationHandler {
            try await answer.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// A relay with many thousand peers says a few megabytes.
    private static let bodyByteCountMax = 1 << 28
}

/// Keeps the promise with the response, or with why there is none.
private final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPClientResponseFull

    private let promise: EventLoopPromise<NIOHTTPClientResponseFull>

    init(promise: EventLoopPromise<NIOHTTPClientResponseFull>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        promise.succeed(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }
}
