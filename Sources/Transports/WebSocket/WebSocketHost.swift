import NIOCore
import NIOHTTP1
import NIOWebSocket
import Vocabulary
import Wire
import ZMTP

/// The accepting side of a WebSocket's opening: a request comes, which is upgraded, or answered with what is wrong with it
/// (RFC 6455 §4.2).
///
/// The last handler of its channel, until the upgrade puts a `WebSocketFramer` and a `ChannelStream` in its place.
final class WebSocketHost: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let terms: WebSocketTerms
    private var deadline: Scheduled<Void>?

    private init(terms: WebSocketTerms) {
        self.terms = terms
    }

    /// Prepares a channel that was accepted. `path`: what a request must ask for; `nil` = anything.
    static func install(
        in channel: any Channel,
        path: String?,
        options: TransportOptions,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) throws {
        let terms = WebSocketTerms(path: path, options: options)
        let host = WebSocketHost(terms: terms)
        let upgrader = WebSocketServerUpgrader(terms: terms, host: host, accept: accept)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }),
            withErrorHandling: false
        )
        try pipeline.addHandler(host)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let time = TimeAmount.nanoseconds(terms.options.handshakeTimeout.nanoseconds)
        deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The upgrade did not happen.
        guard case .head(let request) = unwrapInboundIn(data) else { return }
        let refusal = terms.refusal(of: request)
        var headers = HTTPHeaders([
            ("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"),
            ("Content-Length", "\(refusal.text.utf8.count)"),
        ])
        if refusal.status == .upgradeRequired {
            headers.add(name: "Upgrade", value: "websocket")
            headers.add(name: "Sec-WebSocket-Version", value: "13")
        }
        let head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: headers)
        let channel = context.channel
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: refusal.text)))),
            promise: nil
        )
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The request that could not be upgraded follows, and is answered.
        if error is NIOWebSocketUpgradeError { return }
        context.close(promise: nil)
    }
}

/// What a request must bring.
struct WebSocketTerms: Sendable {
    struct Refusal {
        var status: HTTPResponseStatus
        var text: String
    }

    /// `nil` = any.
    var path: String?
    var options: TransportOptions

    /// What to agree on; `nil` = nothing that is offered will do.
    func agreement(with request: HTTPRequestHead) -> WebSocketAgreement? {
        guard isAsked(request) else { return nil }
        let type = WebSocketAddress.parameter("type", of: request.uri)
        let clientType = type.flatMap { SocketType(rawValue: $0) }
        let accepted = WebSocketProtocol.offers(
            mechanism: options.mechanism,
            isAuthenticating: options.isAuthenticating,
            isTypeKnown: clientType != nil
        )
        let offered = request.headers[canonicalForm: "Sec-WebSocket-Protocol"]
        guard let chosen = accepted.first(where: { offered.contains(Substring($0.name)) }) else {
            return nil
        }
        return WebSocketAgreement(
            name: chosen.name,
            opening: chosen.opening(clientType: clientType)
        )
    }

    private func isAsked(_ request: HTTPRequestHead) -> Bool {
        path.map { request.uri.prefix { $0 != "?" } == $0 } ?? true
    }

    func refusal(of request: HTTPRequestHead) -> Refusal {
        guard isAsked(request) else {
            return Refusal(status: .notFound, text: "no ZeroMQ socket is bound to this path\n")
        }
        let upgrade = request.headers[canonicalForm: "Upgrade"]
        guard upgrade.contains(where: { $0.lowercased() == "websocket" }) else {
            return Refusal(
                status: .upgradeRequired,
                text: "this is a ZeroMQ socket, which speaks ZWS (RFC 45) on a WebSocket\n"
            )
        }
        let names = WebSocketProtocol.offers(
            mechanism: options.mechanism,
            isAuthenticating: options.isAuthenticating,
            isTypeKnown: true
        )
        return Refusal(
            status: .badRequest,
            text: "offer one of the sub-protocols \(names.map(\.name).joined(separator: ", "))"
                + (names.contains(.version1) ? "; ZWS1.0 needs ?type=, the socket type" : "")
                + "\n"
        )
    }
}

/// What the two sides have agreed on.
struct WebSocketAgreement: Sendable {
    var name: String
    var opening: Carriage.Opening

    /// Replaces HTTP by the stream.
    func install(
        in channel: any Channel,
        isServer: Bool,
        options: TransportOptions,
        owner: (any ByteStream) -> any ByteStreamOwner
    ) throws {
        let framer = WebSocketFramer(
            isServer: isServer,
            messageByteCountMax: options.messageByteCountMax
        )
        try channel.pipeline.syncOperations.addHandler(framer)
        try ChannelStream.install(
            in: channel,
            options: options,
            carriage: .messages(framing: .v3, opening: opening),
            writesDirectly: false,
            owner: owner
        )
    }
}

/// NIO's upgrader answers the key; the frames are our own.
private final class WebSocketServerUpgrader: HTTPServerProtocolUpgrader, @unchecked Sendable {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    // Confined to the channel's loop, as every call is.
    private let terms: WebSocketTerms
    private let host: WebSocketHost
    private let accept: @Sendable (any ByteStream) -> any ByteStreamOwner
    private let keys: NIOWebSocketServerUpgrader

    init(
        terms: WebSocketTerms,
        host: WebSocketHost,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) {
        self.terms = terms
        self.host = host
        self.accept = accept
        keys = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, request in
                let agreed = terms.agreement(with: request)
                return channel.eventLoop.makeSucceededFuture(
                    agreed.map { HTTPHeaders([("Sec-WebSocket-Protocol", $0.name)]) }
                )
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        )
    }

    func buildUpgradeResponse(
        channel: any Channel,
        upgradeRequest: HTTPRequestHead,
        initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        keys.buildUpgradeResponse(
            channel: channel,
            upgradeRequest: upgradeRequest,
            initialResponseHeaders: initialResponseHeaders
        )
    }

    func upgrade(
        context: ChannelHandlerContext,
        upgradeRequest: HTTPRequestHead
    ) -> EventLoopFuture<Void> {
        let channel = context.channel
        return channel.pipeline.syncOperations.removeHandler(host).flatMapThrowing { [self] in
            guard let agreed = terms.agreement(with: upgradeRequest) else { return }
            try agreed.install(
                in: channel,
                isServer: true,
                options: terms.options,
                owner: accept
            )
        }
    }
}
