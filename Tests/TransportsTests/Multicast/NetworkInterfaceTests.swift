import Testing
import Vocabulary

@testable import Transports

/// The interface that an endpoint names.
struct NetworkInterfaceTests {
    @Test(arguments: ["lo", "127.0.0.1", "127.0.0.0", "127.0.0.0/8"])
    func `the loop-back interface is found by name, address and network`(_ name: String) throws {
        let endpoint = try Endpoint("epgm://\(name);239.192.1.1:5555")
        let interface = try NetworkInterface(MulticastAddress(endpoint), of: endpoint)
        #expect(interface.name == "lo" && interface.index > 0)
        #expect(interface.address.description == "127.0.0.1")
        #expect(interface.packetByteCountMax >= 1_500)
    }

    @Test(arguments: ["nothere0", "203.0.113.7", "203.0.113.0/24", "lo%1"])
    func `an interface that is not there is refused with those that are`(_ name: String) throws {
        let endpoint = try Endpoint("epgm://\(name);239.192.1.1:5555")
        let error = #expect(throws: EndpointError.self) {
            try NetworkInterface(MulticastAddress(endpoint), of: endpoint)
        }
        #expect(error?.problem.contains("lo (127.0.0.1)") == true, "\(error?.problem ?? "")")
    }
}
