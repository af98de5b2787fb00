/// The address part of `vsock://`: `cid:port`, the number of a machine or of its host, and a port of 32 bits (Linux `vsock(7)`).
///
///     vsock://*:5556      every address of this machine, to bind
///     vsock://2:5556      the host, as its guests see it; 1 is this machine itself
package struct VsockPlace: Hashable, Sendable {
    /// `nil` = every one.
    package var contextID: UInt32?
    package var port: UInt32

    package init(_ endpoint: Endpoint) throws(EndpointError) {
        let refuse = EndpointRefusal(endpoint: endpoint)
        let parts = endpoint.address.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw refuse("write vsock://cid:port, such as vsock://2:5556 for the host")
        }
        if parts[0] != "*" {
            guard let number = UInt32(parts[0]) else {
                throw refuse(
                    "'\(parts[0])' is no context id; it is a number: 1 this machine, 2 its host, 3 and more guests"
                )
            }
            contextID = number
        }
        // The system's choice of a port could not be told to anybody.
        guard let port = UInt32(parts[1]), port > 0, port < .max else {
            throw refuse("'\(parts[1])' is not a port; ports go from 1 to 4294967294")
        }
        self.port = port
    }

    /// The address of a connect, which needs one place to go to.
    package static func dialled(_ endpoint: Endpoint) throws(EndpointError) -> VsockPlace {
        let place = try VsockPlace(endpoint)
        guard place.contextID != nil else {
            throw EndpointRefusal(endpoint: endpoint)("* can be bound, not connected to")
        }
        return place
    }
}
