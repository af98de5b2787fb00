import ArgumentParser
import Foundation
import PGM
import Transports

/// How a command behaves at pgm:// and epgm:// endpoints.
struct MulticastArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What may be sent, such as 20Mbit or 1Gbit, or unlimited (1Gbit).",
            valueName: "rate"
        )
    )
    var multicastRate: BitRateArgument?
    @Flag(help: "Keep the rate, whatever receivers lose.")
    var fixedRate = false
    @Option(
        help: ArgumentHelp(
            "1 stays on the network, each more passes one router (1).",
            valueName: "number"
        )
    )
    var multicastHops: Int?
    @Flag(help: "Programs of this host do not hear what is sent.")
    var noLoopback = false
    @Option(
        help: ArgumentHelp(
            "How long what was sent can be repaired (10s).",
            valueName: "time"
        )
    )
    var recovery: DurationArgument?
    @Option(
        help: ArgumentHelp(
            "How much of what was sent can be repaired (128MiB).",
            valueName: "size"
        )
    )
    var recoverySize: ByteCountArgument?
    @Option(
        help: ArgumentHelp(
            "Octets of the largest packet (the interface's, at most 1500).",
            valueName: "octets"
        )
    )
    var packetSize: Int?
    @Option(
        help: ArgumentHelp("The DSCP of all packets (46).", valueName: "0…63")
    )
    var dscp: Int?
    @Option(
        help: ArgumentHelp(
            "Send that many parity packets with every 8, which repair losses before anybody asks.",
            valueName: "0…8"
        )
    )
    var parity: Int?
    @Option(
        help: ArgumentHelp(
            "Seal messages with this key: 32 octets, or 64 hexadecimal digits.",
            valueName: "file"
        )
    )
    var sealKey: String?
    @Flag(help: "libzmq's rate, window and timers instead of ours.")
    var libzmqDefaults = false

    func validate() throws {
        do {
            _ = try options()
        } catch {
            throw ValidationError(error.message)
        }
    }

    func options() throws(CommandError) -> MulticastOptions {
        var options = libzmqDefaults ? MulticastOptions.libzmq : MulticastOptions()
        if let multicastRate { options.bitsPerSecond = multicastRate.bitsPerSecond }
        if fixedRate { options.isRateAdaptive = false }
        if let multicastHops {
            options.hops = try checked(multicastHops, 1...255, "--multicast-hops")
        }
        if noLoopback { options.isLoopbackEnabled = false }
        if let recovery {
            guard recovery.milliseconds >= 1 else {
                throw .badInput("--recovery is at least 1ms")
            }
            options.recoveryTime = recovery.duration
        }
        if let recoverySize {
            options.recoveryByteCount = try checked(
                recoverySize.byteCount,
                65_536...1 << 40,
                "--recovery-size"
            )
        }
        if let packetSize {
            options.packetByteCountMax = try checked(packetSize, 256...65_000, "--packet-size")
        }
        if let dscp {
            options.differentiatedServices = UInt8(try checked(dscp, 0...63, "--dscp"))
        }
        if let parity {
            let count = try checked(parity, 0...Self.parityGroupSize, "--parity")
            options.parity = ParityOptions(
                groupSize: Self.parityGroupSize,
                proactiveCount: count,
                isOnDemand: true
            )
        }
        if let sealKey {
            guard parity == nil else {
                throw .badInput("--parity and --seal-key exclude each other")
            }
            let key = try Self.key(in: sealKey)
            do {
                options.seal = try SealKeyring(key: key)
            } catch {
                throw .badInput("\(sealKey): \(error)")
            }
        }
        return options
    }

    private func checked(
        _ value: Int,
        _ range: ClosedRange<Int>,
        _ name: String
    ) throws(CommandError) -> Int {
        guard range.contains(value) else {
            throw .badInput("\(name) is \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func key(in path: String) throws(CommandError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .badInput("\(path): cannot be read")
        }
        let bytes = [UInt8](data)
        if bytes.count == SealKeyring.keyByteCount { return bytes }
        let digits = bytes.filter { !Character(UnicodeScalar($0)).isWhitespace }
        let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * SealKeyring.keyByteCount, values.count == digits.count else {
            throw .badInput(
                "\(path): a key is 32 octets, or 64 hexadecimal digits; make one with "
                    + "'head -c 32 /dev/urandom > \(path)'"
            )
        }
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
    }

    private static let parityGroupSize = 8
}
