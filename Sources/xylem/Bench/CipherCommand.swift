import ArgumentParser
import CSodium
import CryptoBox
import Foundation
import ZMTP

/// CURVE's codecs in a loop, beside libsodium's box in a loop: what encryption costs us besides the cipher.
struct CipherCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cipher",
        abstract:
            "Cost of encrypting and decrypting a message under CURVE, in runs of 64 KiB, in this process."
    )

    @OptionGroup var options: BenchOptions

    private struct Measurement: Encodable {
        var encryptNanoseconds: Double
        var decryptNanoseconds: Double
        /// `crypto_box_easy_afternm` and its counterpart, on the same octets in the same place.
        var boxNanoseconds: Double
        var openNanoseconds: Double
        var size: Int
        var count: Int
    }

    func run() throws {
        let runCount = max(1, Self.runByteCount / max(1, options.size))
        let repeatCount = max(
            1,
            (options.count ?? Self.byteCount / (options.size + 200)) / runCount
        )
        let count = runCount * repeatCount
        var best = Measurement(
            encryptNanoseconds: .infinity,
            decryptNanoseconds: .infinity,
            boxNanoseconds: .infinity,
            openNanoseconds: .infinity,
            size: options.size,
            count: count
        )
        for _ in 0..<Self.roundCount {
            let ours = try codecs(runCount, repeatCount)
            best.encryptNanoseconds = min(best.encryptNanoseconds, ours.encrypt / Double(count))
            best.decryptNanoseconds = min(best.decryptNanoseconds, ours.decrypt / Double(count))
            let bare = bareBoxes(count)
            best.boxNanoseconds = min(best.boxNanoseconds, bare.encrypt / Double(count))
            best.openNanoseconds = min(best.openNanoseconds, bare.decrypt / Double(count))
        }
        let figures = [
            best.encryptNanoseconds, best.boxNanoseconds, best.decryptNanoseconds,
            best.openNanoseconds,
        ].map { BenchReport.text($0, decimals: 0) }
        BenchReport.print(
            "\(options.size) octets: \(figures[0]) ns to encrypt (libsodium's box: \(figures[1]) ns), "
                + "\(figures[2]) ns to decrypt (\(figures[3]) ns)",
            best
        )
    }

    /// Nanoseconds for all messages.
    private func codecs(
        _ runCount: Int,
        _ repeatCount: Int
    ) throws -> (encrypt: Double, decrypt: Double) {
        let ends = (Self.pair(1), Self.pair(2))
        guard let key = KeyedBox(ends.1.publicKey, ends.0) else { return (0, 0) }
        func traffic(isServer: Bool) -> CurveTraffic {
            CurveTraffic(key, isServer: isServer, outgoingNonce: 1, incomingNonce: 1)
        }
        var encoder = CurveEncoder(traffic(isServer: false))
        var decoder = CurveDecoder(traffic(isServer: true), limits: .init())
        let frame = Self.frame(options.size)
        let run = [UInt8]((0..<runCount).map { _ in frame }.joined())
        var sealed = run.withUnsafeBytes {
            [UInt8](repeating: 0, count: encoder.byteCount(encoding: $0))
        }
        var opened = [UInt8](repeating: 0, count: sealed.count + CurveDecoder.headroomByteCount)
        var sums = (encrypt: 0.0, decrypt: 0.0)
        for _ in 0..<repeatCount {
            let begin = ContinuousClock.now
            run.withUnsafeBytes { run in
                _ = encoder.byteCount(encoding: run)
                _ = sealed.withUnsafeMutableBytes { encoder.encode(run, into: $0) }
            }
            let middle = ContinuousClock.now
            let end = sealed.withUnsafeBytes { sealed in
                _ = decoder.byteCount(decoding: sealed)
                return opened.withUnsafeMutableBytes { decoder.decode(sealed, into: $0) }
            }
            sums.encrypt += (middle - begin) / .nanoseconds(1)
            sums.decrypt += (.now - middle) / .nanoseconds(1)
            guard end == CurveDecoder.headroomByteCount + run.count else {
                throw CommandError(.failure, "what was encrypted did not come out again")
            }
        }
        return sums
    }

    private func bareBoxes(_ count: Int) -> (encrypt: Double, decrypt: Double) {
        let key = [UInt8](repeating: 1, count: 32)
        var nonce = [UInt8](repeating: 0, count: 24)
        // The flags octet is in the box, too.
        let text = [UInt8](repeating: 7, count: options.size + 1)
        var box = [UInt8](repeating: 0, count: text.count + 16)
        var opened = text
        let begin = ContinuousClock.now
        for number in 0..<count {
            nonce[23] = UInt8(truncatingIfNeeded: number)
            _ = crypto_box_easy_afternm(&box, text, UInt64(text.count), nonce, key)
        }
        let middle = ContinuousClock.now
        for _ in 0..<count {
            _ = crypto_box_open_easy_afternm(&opened, box, UInt64(box.count), nonce, key)
        }
        return ((middle - begin) / .nanoseconds(1), (.now - middle) / .nanoseconds(1))
    }

    private static func pair(_ octet: UInt8) -> CurveKeyPair {
        CurveKeyPair(secretKey: SecretBytes(copying: [UInt8](repeating: octet, count: 32)))
    }

    private static func frame(_ byteCount: Int) -> [UInt8] {
        var header: [UInt8] = byteCount > 255 ? [2] : [0]
        let octetCount = byteCount > 255 ? 8 : 1
        for index in 0..<octetCount {
            header.append(UInt8(truncatingIfNeeded: byteCount >> (8 * (octetCount - 1 - index))))
        }
        return header + [UInt8](repeating: 7, count: byteCount)
    }

    private static let runByteCount = 64 << 10
    private static let byteCount = 20_000_000
    /// Of which the best counts: other processes are not what is measured.
    private static let roundCount = 5
}
