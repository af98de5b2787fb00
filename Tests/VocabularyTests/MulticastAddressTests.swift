import Testing
import Vocabulary

/// The addresses of `pgm://` and `epgm://`. Where libzmq aborts, an error says what to write.
struct MulticastAddressTests {
    struct Good: Sendable, CustomTestStringConvertible {
        var text: String
        var interface: String
        var groups: [String]
        var sendGroup: String
        var port: UInt16

        var testDescription: String { text }
    }

    @Test(arguments: [
        Good(
            text: "eth0;239.192.1.1:5555",
            interface: "eth0",
            groups: ["239.192.1.1"],
            sendGroup: "239.192.1.1",
            port: 5_555
        ),
        Good(
            text: "10.77.0.1;239.192.1.1,239.192.1.2;239.192.1.3:7500",
            interface: "10.77.0.1",
            groups: ["239.192.1.1", "239.192.1.2"],
            sendGroup: "239.192.1.3",
            port: 7_500
        ),
        Good(
            text: ";239.192.1.1:1",
            interface: "",
            groups: ["239.192.1.1"],
            sendGroup: "239.192.1.1",
            port: 1
        ),
        Good(
            text: "239.192.1.1:65535",
            interface: "",
            groups: ["239.192.1.1"],
            sendGroup: "239.192.1.1",
            port: 65_535
        ),
        Good(
            text: "10.77.0.0/24;224.0.0.251:5353",
            interface: "10.77.0.0/24",
            groups: ["224.0.0.251"],
            sendGroup: "224.0.0.251",
            port: 5_353
        ),
        Good(
            text: "[fe80::1];[ff02::1],[ff05::2]:5555",
            interface: "fe80::1",
            groups: ["ff02::1", "ff05::2"],
            sendGroup: "ff02::1",
            port: 5_555
        ),
        Good(
            text: "[ff02::1%lo]:5555",
            interface: "lo",
            groups: ["ff02::1"],
            sendGroup: "ff02::1",
            port: 5_555
        ),
        Good(
            text: "eth0;[ff02::1%eth0],[ff05::2];[ff02::3%eth0]:5555",
            interface: "eth0",
            groups: ["ff02::1", "ff05::2"],
            sendGroup: "ff02::3",
            port: 5_555
        ),
        Good(
            text: "eth0;[ff05::192:1]:5555",
            interface: "eth0",
            groups: ["ff05::192:1"],
            sendGroup: "ff05::192:1",
            port: 5_555
        ),
    ])
    func `an address is read`(_ good: Good) throws {
        let address = try MulticastAddress(Endpoint("epgm://\(good.text)"))
        #expect(address.interface == good.interface)
        #expect(address.groups.map(\.description) == good.groups)
        #expect(address.sendGroup.description == good.sendGroup)
        #expect(address.port == good.port)
    }

    @Test(arguments: [
        ("eth0;239.192.1.1", "no port"),
        ("eth0;[ff05::1]", "no port"),
        ("eth0;[ff02::1%eth1]:5555", "two interfaces, eth0 and eth1"),
        ("[ff02::1%lo],[ff02::2%eth0]:5555", "two interfaces, lo and eth0"),
        ("[ff02::1%]:5555", "must follow the %"),
        ("eth0;239.192.1.1:0", "not a port"),
        ("eth0;239.192.1.1:65536", "not a port"),
        ("eth0;239.192.1.1:*", "not a port"),
        ("eth0;239.192.1.1:", "not a port"),
        (":5555", "a group is missing"),
        ("eth0;:5555", "a group is missing"),
        ("eth0;239.192.1.1,:5555", "a group is missing"),
        ("eth0;239.192.1.1;:5555", "a group is missing"),
        ("eth0;10.0.0.1:5555", "not a multicast address"),
        ("eth0;[fe80::1]:5555", "not a multicast address"),
        ("eth0;weather:5555", "is not a group"),
        ("eth0;239.192.1.256:5555", "is not a group"),
        ("eth0;ff05::1:5555", "in brackets"),
        ("fe80::1;[ff05::1]:5555", "in brackets"),
        ("eth0;239.192.1.1,239.192.1.1:5555", "twice"),
        ("eth0;239.192.1.1,[ff05::1]:5555", "both IPv4 and IPv6"),
        ("eth0;239.192.1.1;[ff05::1]:5555", "both IPv4 and IPv6"),
        ("eth0;239.1.1.1;239.1.1.2;239.1.1.3:5555", "4 parts"),
        ("239.192.1.1;239.192.1.2:5555", "is a group, not an interface"),
    ])
    func `a wrong address is refused with advice`(_ text: String, _ problem: String) {
        let error = #expect(throws: EndpointError.self) {
            try MulticastAddress(Endpoint("epgm://\(text)"))
        }
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "nothing")")
    }

    @Test func `more groups than a socket may join are refused`() {
        let groups = (1...21).map { "239.1.1.\($0)" }.joined(separator: ",")
        #expect(throws: EndpointError.self) {
            try MulticastAddress(Endpoint("pgm://lo;\(groups):5555"))
        }
    }
}
