import NIOCore
import NIOHTTP1
import NIOWebSocket
import Vocabulary
import Wire
import ZMTP

/// The connecting side of a WebSocket's opening: sends a request, and waits for the upgrade (RFC 6455 §4.1).
///
/// The last handler of its channel, until the upgrade puts a `WebSocketFramer` and a `ChannelStream` in its place.
final class WebSocketGuest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct Request: Sendable {
        var host: String
        /// Path and query.
        var target: String
    }

    private let request: Request
    private let endpoint: Endpoint
    private let offers: [WebSocketProtocol]
    private let time: TimeAmount
    private let isOpen: EventLoopPromise<Void>
    private var deadline: Scheduled<Void>?
    private var isUpgrading = false
    /// What the server answered instead of an upgrade.
    private var answer: HTTPResponseStatus?
    private var answerText = ""

    private init(
        request: Request,
        endpoint: Endpoint,
        offers: [WebSocketProtocol],
        timeout: Duration,
        isOpen: EventLoopPromise<Void>
    ) {
        self.request = request
        self.endpoint = endpoint
        self.offers = offers
        self.isOpen = isOpen
        time = .nanoseconds(timeout.nanoseconds)
    }

    /// Prepares a channel that is to be connected. The future succeeds when the stream is open, and fails with what a log can
    /// say.
    static func install(
        in channel: any Channel,
        request: Request,
        endpoint: Endpoint,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) throws -> EventLoopFuture<Void> {
        let guest = WebSocketGuest(
            request: request,
            endpoint: endpoint,
            // The user writes the type into the endpoint of a server that knows ZWS 1.0 alone.
            offers: WebSocketProtocol.offers(
                mechanism: options.mechanism,
                isAuthenticating: options.isAuthenticating,
                isTypeKnown: WebSocketAddress.parameter("type", of: request.target) != nil
            ),
            timeout: options.handshakeTimeout,
            isOpen: channel.eventLoop.makePromise(of: Void.self)
        )
        let upgrader = WebSocketClientUpgrader(guest: guest, options: options, attach: attach)
        let pipeline = channel.pipeline.syncOperations
        do {
            try pipeline.addHTTPClientHandlers(
                leftOverBytesStrategy: .forwardBytes,
                withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
            )
            try pipeline.addHandler(guest)
        } catch {
            guest.isOpen.fail(error)
            throw error
        }
        return guest.isOpen.futureResult
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let (isOpen, endpoint) = (isOpen, endpoint)
        deadline = context.eventLoop.scheduleTask(in: time) {
            isOpen.fail(
                EndpointRefusal(endpoint: endpoint)("the WebSocket was not opened in time")
            )
            channel.close(promise: nil)
        }
        let headers = HTTPHeaders([
            ("Host", request.host),
            ("Sec-WebSocket-Protocol", offers.map(\.name).joined(separator: ",")),
        ])
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: request.target,
            headers: headers
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let response): answer = response.status
        case .body(let body):
            let room = Self.answerByteCountMax - answerText.utf8.count
            answerText += HandshakeFailure.printable(body.readableBytesView.prefix(room))
        case .end: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(Self.explain(error))")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard let answer else { return fail("the connection ended before the WebSocket was open") }
        let text = answerText.isEmpty ? "" : ": \(answerText.trimmed)"
        fail("the server answered \(answer.code) \(answer.reasonPhrase)\(text)")
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        if !isUpgrading { fail("the connection ended before the WebSocket was open") }
    }

    private func fail(_ problem: String) {
        isOpen.fail(EndpointRefusal(endpoint: endpoint)(problem))
    }

    /// Makes place for the stream that `install` puts there.
    func makePlace(
        in channel: any Channel,
        install: @escaping (any Channel) throws -> Void
    ) -> EventLoopFuture<Void> {
        isUpgrading = true
        let isDone = channel.pipeline.syncOperations.removeHandler(self).assumeIsolated()
            .flatMapThrowing { try install(channel) }.nonisolated()
        isDone.cascade(to: isOpen)
        return isDone
    }

    /// The sub-protocol that a response names, if it is one of those offered.
    func agreement(in response: HTTPResponseHead) -> WebSocketAgreement? {
        let names = response.headers[canonicalForm: "Sec-WebSocket-Protocol"]
        guard names.count == 1, let chosen = offers.first(where: { $0.name == names[0] }) else {
            return nil
        }
        return WebSocketAgreement(name: chosen.name, opening: chosen.opening(clientType: nil))
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case let error as NIOHTTPClientUpgradeError where error == .upgraderDeniedUpgrade:
            "the server agreed to no sub-protocol that was offered, or its answer to the key is wrong"
        case is NIOHTTPClientUpgradeError, is HTTPParserError:
            "the server does not speak WebSocket (\(error))"
        case let error as IOError: error.explanation
        default: TLSSetup.explanation(of: error) ?? "\(error)"
        }
    }

    private static let answerByteCountMax = 200
}

extension String {
    /// Without the printable stand-in of a line's end.
    fileprivate var trimmed: Substring { last == "?" ? dropLast() : self[...] }
}

/// NIO's upgrader makes the key and judges the answer; the frames are our own.
private final class WebSocketClientUpgrader: NIOHTTPClientProtocolUpgrader, @unchecked Sendable {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    // Confined to the channel's loop, as every call is.
    private let guest: WebSocketGuest
    private let options: TransportOptions
    private let attach: @Sendable (any ByteStream) -> any ByteStreamOwner
    private let keys = NIOWebSocketClientUpgrader { channel, _ in
        channel.eventLoop.makeSucceededVoidFuture()
    }

    init(
        guest: WebSocketGuest,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) {
        self.guest = guest
        self.options = options
        self.attach = attach
    }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        keys.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
    }

    func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
        keys.shouldAllowUpgrade(upgradeResponse: upgradeResponse)
            && guest.agreement(in: upgradeResponse) != nil
    }

    func upgrade(
        context: ChannelHandlerContext,
        upgradeResponse: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        guest.makePlace(in: context.channel) { [self] channel in
            guard let agreed = guest.agreement(in: upgradeResponse) else { return }
            try agreed.install(
                in: channel,
                isServer: false,
                options: options,
                owner: attach
            )
        }
    }
}
