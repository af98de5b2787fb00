/// Octets as far as they were captured, and how many of them were on the wire.
struct WireBytes {
    var bytes: UnsafeRawBufferPointer
    var byteCount: Int

    /// What follows so many octets, which must have been captured.
    func after(_ count: Int) -> WireBytes {
        WireBytes(
            bytes: UnsafeRawBufferPointer(rebasing: bytes[count...]),
            byteCount: byteCount - count
        )
    }

    /// Says whose fault it is that they are not there: the snap length's, or the sender's.
    func require(_ count: Int) throws(SkipFailure) {
        guard bytes.count >= count else {
            throw SkipFailure(byteCount >= count ? .shortTunnelHeader : .badTunnelHeader)
        }
    }
}
