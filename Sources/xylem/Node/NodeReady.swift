import Vocabulary
import Glibc
import RouterNode
import Transports

/// What `xylem node` prints once it can be used: where it is, wildcards resolved. The JSON keys are the property names.
struct NodeReady: Codable, Equatable, Sendable, CustomStringConvertible {
    var name: String
    var pid: Int
    var publishers: String
    var subscribers: String
    /// `host:port`; absent when status is not served.
    var control: String?

    init(name: String, endpoints: Relay.Endpoints, control: String?) {
        self.name = name
        self.control = control
        pid = Int(getpid())
        publishers = endpoints.publishers.description
        subscribers = endpoints.subscribers.description
    }

    var description: String {
        let status = control.map { ", status http://\($0)/status" } ?? ""
        return "\(name) is ready: publishers \(publishers), subscribers \(subscribers)\(status)"
    }
}
