/// ZMTP octets written out, so that the tests do not judge the engine by its own encoder.
package enum Octets {
    /// A greeting: signature, version, mechanism, as-server, filler (RFC 37 "Greeting").
    package static func greeting(
        major: UInt8 = 3,
        minor: UInt8 = 1,
        mechanism: String = "NULL"
    ) -> [UInt8] {
        let name = Array(mechanism.utf8)
        return [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, major, minor] + name
            + [UInt8](repeating: 0, count: 52 - name.count)
    }

    /// A READY command with the socket type alone (RFC 37 "The NULL Security Mechanism").
    package static func ready(_ socketType: String) -> [UInt8] {
        let type = Array(socketType.utf8)
        return command(
            "READY",
            [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(type.count)] + type
        )
    }

    package static func command(_ name: String, _ data: [UInt8] = []) -> [UInt8] {
        let body = [UInt8(name.utf8.count)] + Array(name.utf8) + data
        return [0x04, UInt8(body.count)] + body
    }

    package static func frame(_ body: String, hasMore: Bool = false) -> [UInt8] {
        [hasMore ? 0x01 : 0x00, UInt8(body.utf8.count)] + Array(body.utf8)
    }

    /// How many octets the engine sends before the first message, when its socket type has that many letters.
    package static func openingByteCount(_ socketType: String) -> Int {
        64 + ready(socketType).count
    }
}
