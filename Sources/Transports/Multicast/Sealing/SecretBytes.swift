import CSodium

/// Key material, wiped when its last user lets go.
///
/// Not `sodium_malloc`, whose guard pages cost several system calls: a key is derived for every packet that claims an
/// unknown source, and a flood of forgeries must stay cheap.
final class SecretBytes: @unchecked Sendable {
    // Written in `init` only.
    private let storage: UnsafeMutableRawPointer
    let count: Int

    /// `fill` gets `count` octets to write, aligned for any processor's vectors.
    init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        storage = .allocate(byteCount: count, alignment: Self.alignment)
        self.count = count
        fill(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    convenience init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    deinit {
        sodium_memzero(storage, count)
        storage.deallocate()
    }

    var pointer: UnsafePointer<UInt8> {
        UnsafePointer(storage.assumingMemoryBound(to: UInt8.self))
    }

    private static let alignment = 64
}
