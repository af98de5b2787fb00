import CSodium

/// Key material, wiped when its last user lets go.
///
/// Not `sodium_malloc`, whose guard pages cost several system calls: a key is derived for every packet that claims an
/// unknown source, and a flood of forgeries must stay cheap.
public final class SecretBytes: @unchecked Sendable {
    // Written in `init` only.
    private let storage: UnsafeMutableRawPointer
    public let count: Int

    /// `fill` gets `count` octets to write, aligned for any processor's vectors.
    package init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        storage = .allocate(byteCount: count, alignment: Self.alignment)
        self.count = count
        fill(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    package convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    deinit {
        sodium_memzero(storage, count)
        storage.deallocate()
    }

    package var pointer: UnsafePointer<UInt8> {
        UnsafePointer(storage.assumingMemoryBound(to: UInt8.self))
    }

    /// The octets, for as long as the call takes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        // The call keeps `self`, and with it the octets.
        withExtendedLifetime(self) { body(UnsafeRawBufferPointer(start: storage, count: count)) }
    }

    /// A part of it, as a secret of its own.
    package subscript(range: Range<Int>) -> SecretBytes {
        withBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private static let alignment = 64
}
