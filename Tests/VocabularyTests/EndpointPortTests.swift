import Testing
import Vocabulary

@Suite struct EndpointPortTests {
    @Test(arguments: [
        ("tcp://127.0.0.1:5556", 5_556), ("tcp://[::1]:65535", 65_535), ("tcp://*:1", 1),
        ("tcp://*:*", nil), ("tcp://*:0", nil), ("tcp://host", nil), ("tcp://host:65536", nil),
        ("epgm://eth0;239.192.1.1:5555", 5_555), ("ipc:///run/a:5", nil), ("inproc://a:5", nil),
    ])
    func `the port is known where there is one`(text: String, port: Int?) throws {
        #expect(try Endpoint(text).port == port)
    }
}
