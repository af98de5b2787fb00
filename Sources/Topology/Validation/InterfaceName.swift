/// Tells the names of network interfaces from those of hosts, as far as names can: by how the kernel and systemd name
/// them (systemd.net-naming-scheme), on any machine the same.
enum InterfaceName {
    /// Whether `name` is an interface's, such as `lo`, `eth1`, `enp3s0`, or `eth1.100`, the VLAN 100 on it.
    static func isLikely(_ name: some StringProtocol) -> Bool {
        var name = name.lowercased()[...]
        if let dot = name.lastIndex(of: "."), dot > name.startIndex {
            let vlan = name[name.index(after: dot)...]
            guard isNumber(vlan) else { return false }
            name = name[..<dot]
        }
        if name == "lo" { return true }
        if isNumbered(name, after: anyNumber) || isNumbered(name, after: zeroOnly, by: "0") {
            return true
        }
        return isPredictable(name) || isVirtual(name)
    }

    /// Names that are nobody's host with any number behind them.
    private static let anyNumber = [
        "eth", "wlan", "wwan", "docker", "virbr", "bond", "tun", "tap", "wg", "veth", "vnet",
    ]
    /// Names that a host might have with another number.
    private static let zeroOnly = [
        "br", "team", "vlan", "usb", "dummy", "ib", "ppp", "gre", "sit", "cni", "lxcbr", "lxdbr",
        "podman", "tailscale", "macvlan", "vxlan",
    ]

    private static func isNumbered(
        _ name: Substring,
        after words: [String],
        by number: String? = nil
    ) -> Bool {
        words.contains { word in
            guard name.hasPrefix(word) else { return false }
            let rest = name.dropFirst(word.count)
            return number.map { rest == $0 } ?? isNumber(rest)
        }
    }

    /// `eno1`, `ens3`, `enp0s31f6`, `enx001122aabbcc`; the same with `wl`, `ww` and `ib`.
    private static func isPredictable(_ name: Substring) -> Bool {
        guard ["en", "wl", "ww", "ib"].contains(name.prefix(2)) else { return false }
        let rest = name.dropFirst(2)
        let tail = rest.dropFirst()
        switch rest.first {
        case "o", "s": return tail.first?.isNumber == true && tail.allSatisfy(isSlotSign)
        case "p":
            // A bus and a slot: `p3s0`.
            let bus = tail.prefix(while: \.isHexDigit)
            let slot = tail.dropFirst(bus.count)
            return !bus.isEmpty && slot.first == "s" && slot.dropFirst().first?.isNumber == true
                && slot.dropFirst().allSatisfy(isSlotSign)
        case "x": return tail.count == 12 && tail.allSatisfy(\.isHexDigit)
        default: return false
        }
    }

    /// Slots, functions, ports and devices are numbers behind a letter: `s31f6`, `s3np1`, `s3d1`.
    private static func isSlotSign(_ sign: Character) -> Bool {
        sign.isASCII && (sign.isNumber || "sfndpuiv".contains(sign))
    }

    /// `br-0123456789ab` and `veth1a2b3c4`, as Docker makes them.
    private static func isVirtual(_ name: Substring) -> Bool {
        if name.hasPrefix("br-") {
            return name.count == 15 && name.dropFirst(3).allSatisfy(\.isHexDigit)
        }
        let rest = name.dropFirst(4)
        return name.hasPrefix("veth") && rest.count >= 6 && rest.allSatisfy(\.isHexDigit)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.count <= 4 && text.allSatisfy { $0.isASCII && $0.isNumber }
    }
}
