import Vocabulary

extension RelayConfiguration {
    /// Where a relay and its publishers, or it and its subscribers, find each other.
    ///
    /// Usually the relay listens and the others connect. It also dials those that listen themselves: a PUB that binds, or a
    /// SUB that does.
    public struct Side: Equatable, Sendable {
        public var listening: [Place]
        /// Endpoints of publishers, or of subscribers, that are kept connected.
        public var dialled: [String]

        public init(listening: [Place] = [], dialled: [String] = []) {
            self.listening = listening
            self.dialled = dialled
        }

        /// One endpoint, bound and told to others.
        public init(_ endpoint: String) {
            self.init(listening: [Place(bind: endpoint)])
        }

        /// What is told of it before anything is bound: the first endpoint.
        var told: String {
            listening.first.map { $0.advertise ?? $0.bind } ?? dialled.first ?? ""
        }
    }

    /// A place that a relay binds, and where others find it.
    public struct Place: Equatable, Sendable {
        public var bind: String
        /// What others connect to, where that is something else: behind NAT, in a container; `nil` = what is bound.
        public var advertise: String?

        public init(bind: String, advertise: String? = nil) {
            self.bind = bind
            self.advertise = advertise == bind ? nil : advertise
        }

        /// The same place bound at another host, told as before. What has no host, such as an ipc path, stays.
        public func bound(at host: String) -> Place {
            let endpoint = try? Endpoint(bind)
            guard endpoint?.hasHost ?? !bind.contains("://") else { return self }
            let prefix = endpoint.map { "\($0.scheme.rawValue)://" } ?? ""
            // A WebSocket's path stays.
            let place = bind.dropFirst(prefix.count).prefix { $0 != "/" }
            guard let colon = place.lastIndex(of: ":") else { return self }
            let host = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
            return Place(
                bind: "\(prefix)\(host)\(bind[colon...])",
                advertise: advertise ?? (isWildcard ? nil : bind)
            )
        }

        private var isWildcard: Bool {
            let address = (try? Endpoint(bind))?.address ?? bind
            return ["*", "0.0.0.0", "[::]"].contains { address.hasPrefix("\($0):") }
        }

        /// What others are told once the place is bound. A port that the system chose is the same outside.
        func told(bound: Endpoint) -> Endpoint {
            guard let advertise, let told = try? Endpoint(advertise) else { return bound }
            guard told.scheme == .tcp, let address = try? TCPAddress(told), address.port == 0,
                let colon = told.address.lastIndex(of: ":"),
                let boundColon = bound.address.lastIndex(of: ":")
            else { return told }
            return Endpoint(
                scheme: .tcp,
                address: "\(told.address[..<colon])\(bound.address[boundColon...])"
            )
        }
    }
}
