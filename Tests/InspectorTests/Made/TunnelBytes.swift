import Dissection
import Wire

/// Headers of tags and tunnels, octet by octet, in front of what they carry.
enum TunnelBytes {
    static let near = IPAddress(v4: 0x0A09_0001)
    static let far = IPAddress(v4: 0x0A09_0002)

    /// The outer network: Ethernet and IPv4 around a payload of that protocol.
    static func outer(_ payload: [UInt8], protocolNumber: UInt8) -> [UInt8] {
        PacketBytes.ethernet(
            PacketBytes.ipv4(
                payload,
                protocolNumber: protocolNumber,
                from: near,
                to: far,
                timeToLive: 64
            )
        )
    }

    static func udp(_ payload: [UInt8], to port: UInt16) -> [UInt8] {
        outer(
            PacketBytes.udp(payload, sourcePort: 49_152, destinationPort: port),
            protocolNumber: 17
        )
    }

    static func gre(
        _ payload: [UInt8],
        type: UInt16,
        hasSum: Bool = false,
        key: UInt32? = nil,
        sequence: UInt32? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let flags: UInt16 =
            (hasSum ? 0x8000 : 0) | (key == nil ? 0 : 0x2000) | (sequence == nil ? 0 : 0x1000)
        PacketBytes.append16(flags, to: &bytes)
        PacketBytes.append16(type, to: &bytes)
        if hasSum { bytes += [0, 0, 0, 0] }
        if let key { PacketBytes.append32(key, to: &bytes) }
        if let sequence { PacketBytes.append32(sequence, to: &bytes) }
        if hasSum {
            let checksum = PacketBytes.checksum(bytes + payload)
            bytes[4] = UInt8(checksum >> 8)
            bytes[5] = UInt8(checksum & 0xFF)
        }
        return bytes + payload
    }

    /// PPTP's: a call, a sequence number and an acknowledgement.
    static func pptp(_ payload: [UInt8], call: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [0x30, 0x81, 0x88, 0x0B]
        PacketBytes.append16(UInt16(payload.count), to: &bytes)
        PacketBytes.append16(call, to: &bytes)
        return bytes + [0, 0, 0, 5, 0, 0, 0, 4] + payload
    }

    static func erspan2(_ frame: [UInt8], session: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [0x10, 0x05]
        PacketBytes.append16(session & 0x3FF, to: &bytes)
        return bytes + [0, 0, 0, 7] + frame
    }

    static func erspan3(_ frame: [UInt8], session: UInt16, hasSubheader: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = [0x20, 0x05]
        PacketBytes.append16(session & 0x3FF, to: &bytes)
        bytes += [0, 0, 0, 1, 0, 0, 0, hasSubheader ? 1 : 0]
        return bytes + (hasSubheader ? [0, 0, 0, 0, 0, 0, 0, 0] : []) + frame
    }

    static func vxlan(_ frame: [UInt8], _ identifier: UInt32, flags: UInt8 = 8) -> [UInt8] {
        var bytes: [UInt8] = [flags, 0, 0, 0]
        PacketBytes.append32(identifier << 8, to: &bytes)
        return bytes + frame
    }

    static func geneve(
        _ payload: [UInt8],
        _ identifier: UInt32,
        type: UInt16 = 0x6558,
        options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(options.count / 4), 0]
        PacketBytes.append16(type, to: &bytes)
        PacketBytes.append32(identifier << 8, to: &bytes)
        return bytes + options + payload
    }

    static func labels(_ labels: [UInt32], _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, label) in labels.enumerated() {
            let bottom: UInt32 = index == labels.count - 1 ? 0x100 : 0
            PacketBytes.append32(label << 12 | bottom | 64, to: &bytes)
        }
        return bytes + payload
    }

    static func pppoe(_ payload: [UInt8], session: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [0x11, 0]
        PacketBytes.append16(session, to: &bytes)
        PacketBytes.append16(UInt16(payload.count), to: &bytes)
        return bytes + payload
    }

    static func tzsp(_ frame: [UInt8], tags: [UInt8] = [0x0A, 1, 200, 0]) -> [UInt8] {
        [1, 0, 0, 1] + tags + [1] + frame
    }

    /// The packet's header, a mark, then the packet: attributes in the byte order of that machine.
    static func nflog(_ packet: [UInt8], isBigEndian: Bool = false) -> [UInt8] {
        var capture = CaptureBytes(isBigEndian: isBigEndian)
        func attribute(_ type: UInt16, _ value: [UInt8]) {
            capture.append16(UInt16(value.count + 4))
            capture.append16(type)
            capture.bytes += value
            capture.pad()
        }
        attribute(1, [0x08, 0, 1, 0])
        attribute(10, Array("log\0".utf8))
        attribute(9, packet)
        return [2, 0, 0, 5] + capture.bytes
    }

    static func ipOverInfiniBand(_ packet: [UInt8], type: UInt16 = 0x0800) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 40)
        PacketBytes.append16(type, to: &bytes)
        return bytes + [0, 0] + packet
    }

    static func ipv6(_ payload: [UInt8], nextHeader: UInt8) -> [UInt8] {
        PacketBytes.ethernet(
            PacketBytes.ipv6(
                payload,
                nextHeader: nextHeader,
                from: IPAddress(v6High: 0x2001_0DB8 << 32, low: 1),
                to: IPAddress(v6High: 0x2001_0DB8 << 32, low: 2),
                hopLimit: 64
            ),
            type: 0x86DD
        )
    }
}
