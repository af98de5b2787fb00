import Transports
import ZMTP

/// Tells a person why nothing comes: where a socket listens, and what keeps it from connecting.
struct AttachmentNotices {
    /// What the user calls the endpoints that are connected to.
    private let labels: [String: String]
    /// Whether others connect to this side: then nothing else tells of a handshake that failed.
    private let isBinding: Bool
    /// Whether nobody else says where the socket listens.
    private let tellsListening: Bool
    /// What was said last of each of them.
    private var lastNotices: [String: String] = [:]

    /// For a socket at one place.
    init(place: AttachPoint, isBinding: Bool = false) {
        let isEndpoint = place.endpoint == place.name
        labels = [
            place.endpoint: isEndpoint ? place.name : "\(place.name) (\(place.endpoint))"
        ]
        self.isBinding = isBinding
        tellsListening = true
    }

    /// For a socket that connects to these endpoints, and listens at others, which its caller tells.
    init(connects: [String], isBinding: Bool) {
        labels = Dictionary(connects.map { ($0, $0) }) { first, _ in first }
        self.isBinding = isBinding
        tellsListening = false
    }

    func watch(_ events: AsyncStream<SocketEvent>) async {
        var notices = self
        for await event in events {
            if let notice = notices.notice(of: event) { Diagnostics.report(notice) }
        }
    }

    /// What to say of an event; nothing when it is no news.
    mutating func notice(of event: SocketEvent) -> String? {
        switch event {
        case .listening(let endpoint): return tellsListening ? "listening at \(endpoint)" : nil
        case .retrying(let endpoint, let reason, _):
            // The peer closed: it may be gone for good, and a connect that fails says so next.
            let label = label(of: "\(endpoint)")
            return unlessRepeated("\(label): \(reason); trying again", of: label)
        case .established(let peer, _):
            guard let label = label(ofPeer: peer.remote), lastNotices[label] != nil else {
                return nil
            }
            lastNotices[label] = nil
            return "\(label): connected"
        case .disconnected(let peer, .handshake(let failure)):
            guard isBinding else { return nil }
            // It comes again from another port of its host.
            let host = peer.remote.lastIndex(of: ":").map { peer.remote[..<$0] } ?? ""
            return unlessRepeated("\(failure)", of: "host \(host)").map { "\(peer): \($0)" }
        case .acceptPaused, .acceptResumed, .acceptFailed, .gaveUp: return "\(event)"
        case .multicast(let endpoint, let event):
            return unlessRepeated("\(endpoint): \(event)")
        // What cannot be bound is an error of the command.
        case .opened, .disconnected, .stoppedListening, .bindFailed, .closeFailed, .dialling,
            .statistics:
            return nil
        }
    }

    /// `subject` is the endpoint that it is about; what is about none shares one.
    private mutating func unlessRepeated(_ notice: String, of subject: String = "") -> String? {
        guard notice != lastNotices[subject] else { return nil }
        if lastNotices.count >= Self.subjectCountMax { lastNotices = [:] }
        lastNotices[subject] = notice
        return notice
    }

    private func label(of endpoint: String) -> String {
        if let label = labels[endpoint] { return label }
        return labels.count == 1 ? labels.values.first ?? endpoint : endpoint
    }

    /// The endpoint behind which that peer is, as far as its address tells: a host's name has one of several.
    private func label(ofPeer address: String) -> String? {
        if labels.count == 1 { return labels.values.first }
        return labels.first { $0.key.hasSuffix("://" + address) }?.value
    }

    /// Anybody may knock at a listener.
    private static let subjectCountMax = 1_000
}
