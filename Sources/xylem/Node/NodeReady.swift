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
    /// The plan it follows; absent for a lone relay.
    var plan: NodeStatus.Plan?
    /// All places that are listened at, the first ones included.
    var listening: [NodeStatus.Listening]
    /// `publishers` and `subscribers` that the relay connects to.
    var dialled: [NodeStatus.Dialled]

    init(name: String, endpoints: Relay.Endpoints, control: String?, status: NodeStatus) {
        self.name = name
        self.control = control
        plan = status.plan
        listening = status.endpoints.listening
        dialled = status.dialled
        pid = Int(getpid())
        publishers = endpoints.publishers.description
        subscribers = endpoints.subscribers.description
    }

    var description: String {
        let status = control.map { ", status http://\($0)/status" } ?? ""
        let plan = plan.map { ", \($0.text)" } ?? ""
        return "\(name) is ready: \(side("publishers")), \(side("subscribers"))\(status)\(plan)"
    }

    /// `publishers tcp://203.0.113.10:6001 (bound tcp://0.0.0.0:6001), connecting to tcp://10.0.0.5:5556`.
    private func side(_ name: String) -> String {
        let places = listening.filter { $0.side == name }.map {
            $0.bind == $0.advertise ? $0.advertise : "\($0.advertise) (bound \($0.bind))"
        }
        let others = dialled.filter { $0.side == name && $0.tree == nil }.map(\.endpoint)
        let connecting =
            others.isEmpty ? [] : ["connecting to " + others.joined(separator: " and ")]
        return "\(name) " + (places + connecting).joined(separator: ", ")
    }
}
