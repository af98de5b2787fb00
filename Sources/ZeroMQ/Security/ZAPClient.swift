import Synchronization
public import Transports
public import ZMTP

/// Asks a ZAP handler that is a socket (RFC 27): a REP or ROUTER of this process at `inproc://zeromq.zap.01`, or of another one.
///
///     options.authenticator = try await ZAPClient()
///
/// What goes wrong between the two is a passing fault for the peer that waits: it is told nothing and may try again.
public final class ZAPClient: PeerAuthenticator {
    private let dealer: Dealer
    private let timeout: Duration
    private let lastID = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - endpoint: where the handler listens; it may come later.
    ///   - timeout: how long an answer may take.
    /// - Throws: `ZeroMQError.endpoint` for one that cannot be used.
    public init(
        handlerAt endpoint: String = ZAP.endpoint,
        timeout: Duration = .seconds(10)
    ) async throws(ZeroMQError) {
        dealer = Dealer(options: SocketOptions { $0.linger = .zero })
        self.timeout = timeout
        try await dealer.connect(endpoint)
    }

    public func authenticate(_ peer: PeerIntroduction) async -> AuthenticationVerdict {
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let request = ZAPRequest(
            requestID: Array("\(id)".utf8),
            address: peer.address ?? "",
            question: peer.request
        )
        guard
            let message = try? await dealer.request(Message(zap: request.frames), timeout: timeout),
            let reply = try? ZAPReply(frames: message.zapFrames),
            reply.requestID == request.requestID
        else { return .tryLater }
        return reply.verdict
    }

    /// Gives the handler up; whoever asks from now on may try again.
    public func close() async {
        await dealer.close()
    }
}

extension Replier {
    /// Answers ZAP requests (RFC 27) as that authenticator says, until the socket is closed or the task is cancelled. What is no request
    /// gets an empty answer, which no client takes for a verdict.
    ///
    ///     let handler = Replier()
    ///     try await handler.bind(ZAP.endpoint)
    ///     try await handler.serveAuthentication(AccessControl(rules))
    public func serveAuthentication(
        _ authenticator: any PeerAuthenticator,
        concurrency: Int = 16
    ) async throws {
        try await serve(concurrency: concurrency) { message in
            guard let request = try? ZAPRequest(frames: message.zapFrames) else { return Message() }
            let address = request.address.isEmpty ? nil : request.address
            var verdict = AuthenticationVerdict.denied
            if let peer = PeerIntroduction(request.question, address: address) {
                verdict = await authenticator.authenticate(peer)
            }
            return Message(
                zap: ZAPReply(requestID: request.requestID, verdict: verdict).frames
            )
        }
    }
}

extension Message {
    fileprivate init(zap frames: [[UInt8]]) {
        self.init(frames.map { Frame($0) })
    }

    fileprivate var zapFrames: [[UInt8]] { frames.map { $0.withUnsafeBytes { Array($0) } } }
}
