/// The byte order of a section's numbers.
struct PcapngByteOrder {
    /// It is not this machine's.
    var isSwapped = false

    var isBigEndian: Bool { isSwapped != (1.bigEndian == 1) }

    @inline(__always)
    func load16(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 { load(bytes, offset) }

    @inline(__always)
    func load32(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 { load(bytes, offset) }

    @inline(__always)
    func load64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 { load(bytes, offset) }

    @inline(__always)
    private func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: Int
    ) -> Number {
        let number = bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
        return isSwapped ? number.byteSwapped : number
    }
}
