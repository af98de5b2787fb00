import Transports
import ZMTP

/// Tells a person why nothing comes: where a socket listens, and what keeps it from connecting.
struct AttachmentNotices {
    var place: AttachPoint
    /// Whether others connect to this side: then nothing else tells of a handshake that failed.
    var isBinding: Bool
    private var lastNotice = ""

    init(place: AttachPoint, isBinding: Bool = false) {
        self.place = place
        self.isBinding = isBinding
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
        case .listening(let endpoint): return "listening at \(endpoint)"
        case .retrying(_, let reason, _):
            // The peer closed: it may be gone for good, and a connect that fails says so next.
            return unlessRepeated("\(label): \(reason); trying again")
        case .established:
            guard !lastNotice.isEmpty else { return nil }
            lastNotice = ""
            return "\(label): connected"
        case .disconnected(let peer, .handshake(let failure)):
            guard isBinding else { return nil }
            return unlessRepeated("\(peer): \(failure)")
        case .acceptPaused, .acceptResumed, .acceptFailed, .gaveUp: return "\(event)"
        case .multicast(let endpoint, let event):
            return unlessRepeated("\(endpoint): \(event)")
        // What cannot be bound is an error of the command.
        case .opened, .disconnected, .stoppedListening, .bindFailed, .closeFailed, .dialling,
            .statistics:
            return nil
        }
    }

    private mutating func unlessRepeated(_ notice: String) -> String? {
        guard notice != lastNotice else { return nil }
        lastNotice = notice
        return notice
    }

    private var label: String {
        place.endpoint == place.name ? place.name : "\(place.name) (\(place.endpoint))"
    }
}
