public import CryptoBox
import Transports

extension CurveKeyPair {
    /// A new pair, of the system's randomness.
    public static func random() -> CurveKeyPair {
        CurveKeyPair(secretKey: .random(byteCount: secretByteCount))
    }
}
