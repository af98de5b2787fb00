import NIOCore
import NIOPosix
import NIOSSL
import Vocabulary

/// TLS for the channels of one endpoint, which goes under everything else in their pipelines.
struct TLSSetup: Sendable {
    private let context: NIOSSLContext
    /// Of a client: the name the server must have; `nil` = its address must be in its certificate.
    private let serverHostname: String?
    private let isServer: Bool

    func install(in channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        guard !isServer else {
            return try pipeline.addHandler(NIOSSLServerHandler(context: context))
        }
        guard let serverHostname else {
            return try pipeline.addHandler(
                NIOSSLClientHandler(context: context, serverHostname: nil)
            )
        }
        // The library takes a certificate for the address as well as one for the name. An address is what whoever answers in
        // the server's place has, too, so that a name must be met by a name.
        try pipeline.addHandler(
            NIOSSLClientHandler._makeSSLClientHandler(
                context: context,
                serverHostname: serverHostname
            ) { certificate, channel in
                Self.isNamed(serverHostname, certificate)
                    ? channel.eventLoop.makeSucceededVoidFuture()
                    : channel.eventLoop.makeFailedFuture(NIOSSLExtraError.failedToValidateHostname)
            }
        )
    }

    /// Whether a certificate that the library has taken was taken for its name: the library has judged the names, and this
    /// finds the one that it may have met (RFC 6125 §6.4).
    private static func isNamed(_ hostname: String, _ certificate: NIOSSLCertificate) -> Bool {
        let hostname = hostname.lowercased()
        var hasNames = false
        for name in certificate._subjectAlternativeNames() {
            hasNames = true
            guard name.nameType == .dnsName else { continue }
            let text = String(decoding: Array(name.contents), as: UTF8.self).lowercased()
            if text == hostname { return true }
            if text.hasPrefix("*."), let dot = hostname.firstIndex(of: "."),
                hostname[dot...] == text.dropFirst()
            {
                return true
            }
        }
        // Without any, the library has looked at the common name.
        return !hasNames
    }

    /// Reads the files on a thread of their own, because trust may be megabytes.
    static func server(
        _ options: TLSOptions,
        at endpoint: Endpoint,
        on loop: any EventLoop
    ) -> EventLoopFuture<TLSSetup> {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            let identity = try Self.identity(options, endpoint)
            guard let identity else {
                throw EndpointRefusal(endpoint: endpoint)(
                    "a bind needs a certificate; set tls.certificateFile and tls.privateKeyFile"
                )
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: identity.chain,
                privateKey: identity.key
            )
            if options.requiresClientCertificate {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = try Self.trust(options, endpoint)
            }
            let context = try Self.context(configuration, endpoint)
            return TLSSetup(context: context, serverHostname: nil, isServer: true)
        }
    }

    static func client(
        _ options: TLSOptions,
        to endpoint: Endpoint,
        host: String,
        on loop: any EventLoop
    ) -> EventLoopFuture<TLSSetup> {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = try Self.trust(options, endpoint)
            if let identity = try Self.identity(options, endpoint) {
                configuration.certificateChain = identity.chain
                configuration.privateKey = identity.key
            }
            let name = options.hostname ?? host
            // An address is no name that could be asked for.
            let isAddress = NetworkAddress(text: name) != nil
            return TLSSetup(
                context: try Self.context(configuration, endpoint),
                serverHostname: isAddress ? nil : name,
                isServer: false
            )
        }
    }

    private static func identity(
        _ options: TLSOptions,
        _ endpoint: Endpoint
    ) throws -> (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource)? {
        switch (options.certificateFile, options.privateKeyFile) {
        case (nil, nil): return nil
        case (let certificateFile?, let keyFile?):
            let refuse = EndpointRefusal(endpoint: endpoint)
            guard let chain = try? NIOSSLCertificate.fromPEMFile(certificateFile), !chain.isEmpty
            else {
                throw refuse(
                    "tls.certificateFile: \(certificateFile) holds no PEM certificate that can be read"
                )
            }
            guard let key = try? NIOSSLPrivateKey(file: keyFile, format: .pem) else {
                throw refuse("tls.privateKeyFile: \(keyFile) holds no PEM key that can be read")
            }
            return (chain.map { .certificate($0) }, .privateKey(key))
        default:
            throw EndpointRefusal(endpoint: endpoint)(
                "a certificate and its key go together; set both tls.certificateFile and tls.privateKeyFile"
            )
        }
    }

    private static func trust(
        _ options: TLSOptions,
        _ endpoint: Endpoint
    ) throws -> NIOSSLTrustRoots {
        guard case .file(let path) = options.trust else { return .default }
        guard let roots = try? NIOSSLCertificate.fromPEMFile(path), !roots.isEmpty else {
            throw EndpointRefusal(endpoint: endpoint)(
                "tls.trust: \(path) holds no PEM certificate that can be read"
            )
        }
        return .certificates(roots)
    }

    private static func context(
        _ configuration: TLSConfiguration,
        _ endpoint: Endpoint
    ) throws -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw EndpointRefusal(endpoint: endpoint)(
                "TLS cannot be set up; the key may not be the certificate's (\(error))"
            )
        }
    }

    /// What went wrong with a connection's TLS, for a log; `nil` for errors of something else.
    static func explanation(of error: any Error) -> String? {
        switch error {
        case NIOSSLError.handshakeFailed(let failure):
            let text = "\(failure)"
            return text.contains("CERTIFICATE_VERIFY_FAILED")
                ? "the peer's certificate is not trusted; tls.trust says whose are"
                : "the TLS handshake failed: \(text)"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "the server's certificate is for another name; tls.hostname says which to expect"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return "TLS: \(error)"
        default: return nil
        }
    }
}
