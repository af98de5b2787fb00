import CryptoBox
import SocketTestSupport
import Testing

/// One cell of a table: what is wrong, under which mechanism, over which transport, in which version of ZMTP.
struct BadInput: Sendable, CustomTestStringConvertible {
    enum Mechanism: String, CaseIterable {
        case null = "NULL"
        case plain = "PLAIN"
        case curve = "CURVE"
    }

    enum Transport: String, CaseIterable {
        case tcp = "tcp://127.0.0.1:*"
        case ipc = "ipc://*"
        case ws = "ws://127.0.0.1:*"
    }

    /// As greetings say it: ZMTP 1.0 says nothing.
    enum Version: String, CaseIterable {
        case v31 = "3.1"
        case v30 = "3.0"
        case v20 = "2.0"
        case v10 = "1.0"

        var isOlder: Bool { self == .v20 || self == .v10 }
    }

    enum Fault: String, CaseIterable {
        /// Half of a greeting, or of an upgrade, and silence.
        case cutGreeting
        case otherMechanism
        /// Half of the first command, or routing id, and silence.
        case cutCommand
        case oversizedCommand
        /// The first command of another mechanism.
        case wrongCommand
        /// Fields that do not fit into the command that has them.
        case malformedCommand
        /// A version without mechanisms, where one is asked for.
        case tooOld
        case oversizedMessage
        case reservedFlags
        // Of CURVE, by a client that knows its keys.
        case forgedCookie
        case replayedMessage
        case reorderedMessage
        case changedMessage

        var needsKeys: Bool {
            switch self {
            case .forgedCookie, .replayedMessage, .reorderedMessage, .changedMessage: true
            default: false
            }
        }

        /// Whether nothing but the handshake's time ends it.
        var isSilent: Bool { self == .cutGreeting || self == .cutCommand }
    }

    var mechanism: Mechanism
    var transport: Transport
    var version: Version
    var fault: Fault

    var testDescription: String {
        "\(fault): \(mechanism.rawValue) over \(transport), ZMTP \(version.rawValue)"
    }

    static let all: [BadInput] = Mechanism.allCases.flatMap { mechanism in
        Transport.allCases.flatMap { transport in
            Version.allCases.flatMap { version in
                Fault.allCases.map {
                    BadInput(
                        mechanism: mechanism,
                        transport: transport,
                        version: version,
                        fault: $0
                    )
                }
            }
        }
    }.filter(\.exists)

    private var exists: Bool {
        // A WebSocket's sub-protocol says mechanism and version.
        if transport == .ws, version != .v30 { return false }
        if version.isOlder {
            switch fault {
            case .tooOld: return mechanism != .null
            // Of the flags of 1.0 all but one are ignored, as libzmq does.
            case .reservedFlags: return version == .v20 && mechanism == .null
            case .cutGreeting, .cutCommand, .oversizedCommand, .oversizedMessage:
                return mechanism == .null
            default: return false
            }
        }
        switch fault {
        case .tooOld: return false
        case .oversizedMessage, .reservedFlags: return mechanism == .null
        default: return mechanism == .curve || !fault.needsKeys
        }
    }
}

// MARK: - Octets

extension BadInput {
    /// All that a peer without keys sends.
    var octets: [UInt8] {
        switch fault {
        case .cutGreeting:
            let whole = transport == .ws ? Self.upgrade("ZWS2.0/\(mechanism.rawValue)") : greeting
            return Array(whole.prefix(whole.count / 2))
        case .otherMechanism:
            let other = mechanism == .plain ? "CURVE" : "PLAIN"
            return transport == .ws
                ? Self.upgrade("ZWS2.0/\(other)")
                : Octets.greeting(minor: minor, mechanism: other) + ready
        case .cutCommand: return opening + firstCommand.dropLast(firstCommand.count / 2)
        case .oversizedCommand: return opening + oversized(0x04)
        case .wrongCommand:
            return opening
                + framed(
                    mechanism == .null
                        ? Octets.command("HELLO", [3] + "ann".utf8 + [0]) : Octets.ready("SUB")
                )
        case .malformedCommand:
            switch mechanism {
            case .null: return opening + framed(Octets.command("READY", [200, 1, 2, 3]))
            case .plain: return opening + framed(Octets.command("HELLO", [200, 1, 2, 3]))
            case .curve: return opening + framed(Octets.command("HELLO", [1, 0, 3, 4]))
            }
        case .tooOld: return greeting + [7]
        case .oversizedMessage: return opening + firstCommand + oversized(0)
        case .reservedFlags:
            return opening + firstCommand
                + (transport == .ws ? framed([0x40, 1, 0x61]) : [0x40, 1, 0x61])
        case .forgedCookie, .replayedMessage, .reorderedMessage, .changedMessage:
            preconditionFailure("needs keys")
        }
    }

    private var minor: UInt8 { version == .v31 ? 1 : 0 }

    private var greeting: [UInt8] {
        switch version {
        case .v31, .v30: Octets.greeting(minor: minor, mechanism: mechanism.rawValue)
        // Signature, revision, SUB.
        case .v20: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 2]
        // A routing id of one octet: there is nothing else.
        case .v10: [2, 0]
        }
    }

    private var opening: [UInt8] {
        transport == .ws
            ? Self.upgrade("ZWS2.0/\(mechanism.rawValue)") : version == .v10 ? [] : greeting
    }

    /// What follows the greeting when all is well.
    private var firstCommand: [UInt8] {
        switch (version, mechanism) {
        case (.v10, _): [3, 0, 7, 7]
        case (.v20, _): [0, 2, 7, 7]
        case (_, .null): ready
        case (_, .plain): framed(Octets.command("HELLO", [3] + "ann".utf8 + [6] + "secret".utf8))
        case (_, .curve):
            framed(Octets.command("HELLO", [1, 0] + [UInt8](repeating: 0, count: 192)))
        }
    }

    private var ready: [UInt8] { framed(Octets.ready("SUB")) }

    /// The head of something of a terabyte.
    private func oversized(_ flags: UInt8) -> [UInt8] {
        let length: [UInt8] = [0, 0, 1, 0, 0, 0, 0, 0]
        if transport == .ws { return [0x82, 0xFF] + length + [0, 0, 0, 0, flags == 4 ? 2 : 0] }
        return version == .v10
            ? [0xFF] + length + [0] : [(version.isOlder ? 0 : flags) | 2] + length
    }

    private func framed(_ frame: [UInt8]) -> [UInt8] {
        transport == .ws ? Self.webMessage(frame) : frame
    }

    /// The request of RFC 6455 §1.3.
    static func upgrade(_ name: String) -> [UInt8] {
        let lines = [
            "GET / HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: \(name)",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// A short frame of ZMTP in a client's message, under a key of zeros: MORE is 1, COMMAND 2.
    static func webMessage(_ frame: [UInt8]) -> [UInt8] {
        let flags: UInt8 = frame[0] & 0x04 != 0 ? 2 : frame[0]
        let isShort = frame[0] & 0x02 == 0
        let body = frame[(isShort ? 2 : 9)...]
        let count = body.count + 1
        let length =
            count < 126 ? [0x80 | UInt8(count)] : [0xFE, UInt8(count >> 8), UInt8(count & 0xFF)]
        return [0x82] + length + [0, 0, 0, 0, flags] + body
    }
}
