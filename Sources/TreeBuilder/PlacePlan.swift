import Rendering
import Topology

/// One place where a node listens, as a plan file writes it: a string, or where the node binds and what others are told.
///
///     "tcp://10.0.0.1:6001"
///     {"bind": "tcp://*:6001", "advertise": "tcp://203.0.113.10:6001"}
struct PlacePlan: Codable, Equatable {
    var advertise: String
    /// `nil` = what others are told.
    var bind: String?

    /// `nil` for a place that is chosen at start.
    init?(advertise: String?, bind: String?) {
        guard let advertise else { return nil }
        self.advertise = advertise
        self.bind = bind
    }

    private enum CodingKeys: String, CodingKey {
        case bind, advertise
    }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            advertise = text
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        advertise = try container.decode(String.self, forKey: .advertise)
        bind = try container.decodeIfPresent(String.self, forKey: .bind)
    }

    func encode(to encoder: any Encoder) throws {
        guard let bind else {
            var container = encoder.singleValueContainer()
            return try container.encode(advertise)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bind, forKey: .bind)
        try container.encode(advertise, forKey: .advertise)
    }

    var json: JSONValue {
        guard let bind else { return .string(advertise) }
        return .object(["bind": .string(bind), "advertise": .string(advertise)])
    }
}

extension PlanNode {
    var publishers: PlacePlan? { PlacePlan(advertise: publishersEndpoint, bind: bind.publishers) }
    var subscribers: PlacePlan? {
        PlacePlan(advertise: subscribersEndpoint, bind: bind.subscribers)
    }
    var control: PlacePlan? { PlacePlan(advertise: controlEndpoint, bind: bind.control) }
}
