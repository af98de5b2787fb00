import Routing
import Simulation

/// A message of a simulated publisher.
struct FleetMessage: Equatable, Sendable {
    var publisher: Int
    /// Counts the publisher's messages.
    var sequence: Int
    var topic: [UInt8]
}

/// What travels on a simulated connection.
enum FleetPacket: Sendable {
    case subscription([UInt8], isSubscribe: Bool)
    case message(FleetMessage)
}

/// What a connection is for; the dialler's view.
enum ConnectionPurpose: Sendable {
    case subscriber(Int)
    case publisher(Int)
    /// A child relay subscribes at its parent.
    case feed(child: Int, tree: Int)
    /// A child relay publishes to its parent.
    case uplink(child: Int, tree: Int)
}

enum FleetAlarm: Sendable {
    case redial(ConnectionPurpose)
    /// The deadline of a relay.
    case ring
    /// What waited at the other end of a connection of a relay has been read.
    case relief
    /// A subscriber that slept reads again.
    case wake(subscriber: Int)
}
