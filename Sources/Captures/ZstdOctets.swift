import Dissection
import Glibc

/// Decompresses Zstandard (RFC 8878): any number of frames one after another. What comes after a fault is lost, what came before is not.
final class ZstdOctets: OctetSource {
    private(set) var fault: CaptureNotice.Reason?
    var readByteCount: Int { file.readByteCount }

    private let file: FileOctets
    private let library: ZstdLibrary
    private let stream: OpaquePointer
    /// Empty once the end was reached.
    private var output: UnsafeMutableRawBufferPointer
    private var input = ZstdLibrary.Input(source: nil, byteCount: 0, position: 0)
    private var isBetweenFrames = true
    private var hasFrame = false
    private var isEnded = false

    /// A frame, or one that holds nothing and is to be skipped.
    static func isZstd(_ start: UnsafeRawBufferPointer) -> Bool {
        guard start.count >= 4 else { return false }
        let magic = start.loadUnaligned(as: UInt32.self).littleEndian
        return magic == 0xFD2F_B528 || magic & 0xFFFF_FFF0 == 0x184D_2A50
    }

    /// - Throws: With what to do instead, where the library is not installed.
    init(_ file: FileOctets, name: String) throws(CaptureError) {
        guard let library = ZstdLibrary.shared, let stream = library.makeStream() else {
            throw CaptureError(
                source: name,
                problem:
                    "compressed with zstd, and the library for it is not on this machine (libzstd.so.1); "
                    + "install it, or pipe: zstd -dc FILE | xylem inspect -"
            )
        }
        self.file = file
        self.library = library
        self.stream = stream
        output = .allocate(byteCount: 256 << 10, alignment: 16)
    }

    deinit {
        library.freeStream(stream)
        output.deallocate()
    }

    func nextChunk() throws(CaptureError) -> UnsafeRawBufferPointer {
        var produced = 0
        while produced == 0, !isEnded {
            if input.position == input.byteCount, isBetweenFrames || !hasOutput {
                let chunk = try file.nextChunk()
                guard !chunk.isEmpty else {
                    end(isBetweenFrames ? nil : .truncatedCompression)
                    break
                }
                input = ZstdLibrary.Input(
                    source: chunk.baseAddress,
                    byteCount: chunk.count,
                    position: 0
                )
            }
            produced = decompressSome()
        }
        if produced == 0 {
            output.deallocate()
            output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(rebasing: output[..<produced])
    }

    /// The library may hold decompressed octets that did not fit the last time.
    private var hasOutput = false

    private func decompressSome() -> Int {
        var target = ZstdLibrary.Output(
            target: output.baseAddress,
            byteCount: output.count,
            position: 0
        )
        // In pieces: what a call has made is lost when it ends with an error.
        var piece = input
        piece.byteCount = min(input.byteCount, input.position + Self.pieceByteCountMax)
        let status = library.decompress(stream, &target, &piece)
        input.position = piece.position
        if library.isError(status) {
            end(isBetweenFrames && hasFrame ? .trailingOctets : .corruptCompression)
        } else {
            isBetweenFrames = status == 0
            if isBetweenFrames { hasFrame = true }
        }
        hasOutput = target.position == target.byteCount
        return target.position
    }

    private func end(_ reason: CaptureNotice.Reason?) {
        isEnded = true
        fault = reason
    }

    private static let pieceByteCountMax = 16 << 10
}

/// The functions of libzstd that are used, found when they are first needed: nothing but compressed captures depends on the library, so neither
/// does the build.
final class ZstdLibrary: Sendable {
    /// ZSTD_inBuffer.
    struct Input {
        var source: UnsafeRawPointer?
        var byteCount: Int
        var position: Int
    }

    /// ZSTD_outBuffer.
    struct Output {
        var target: UnsafeMutableRawPointer?
        var byteCount: Int
        var position: Int
    }

    static let shared = ZstdLibrary()

    private let create: @convention(c) () -> OpaquePointer?
    private let free: @convention(c) (OpaquePointer?) -> Int
    private let set: @convention(c) (OpaquePointer?, Int32, Int32) -> Int
    private let run:
        @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int
    private let check: @convention(c) (Int) -> UInt32

    private init?() {
        guard let handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL),
            let create = dlsym(handle, "ZSTD_createDStream"),
            let free = dlsym(handle, "ZSTD_freeDStream"),
            let set = dlsym(handle, "ZSTD_DCtx_setParameter"),
            let run = dlsym(handle, "ZSTD_decompressStream"),
            let check = dlsym(handle, "ZSTD_isError")
        else { return nil }
        self.create = unsafeBitCast(create, to: (@convention(c) () -> OpaquePointer?).self)
        self.free = unsafeBitCast(free, to: (@convention(c) (OpaquePointer?) -> Int).self)
        self.set = unsafeBitCast(
            set,
            to: (@convention(c) (OpaquePointer?, Int32, Int32) -> Int).self
        )
        self.run = unsafeBitCast(
            run,
            to: (@convention(c) (
                OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
            ) -> Int).self
        )
        self.check = unsafeBitCast(check, to: (@convention(c) (Int) -> UInt32).self)
    }

    func makeStream() -> OpaquePointer? {
        let stream = create()
        // Windows of up to 2 GiB, which --long and --ultra make.
        _ = set(stream, Self.windowLogMax, 31)
        return stream
    }

    func freeStream(_ stream: OpaquePointer) {
        _ = free(stream)
    }

    /// Gives 0 at the end of a frame.
    func decompress(_ stream: OpaquePointer, _ output: inout Output, _ input: inout Input) -> Int {
        run(stream, &output, &input)
    }

    func isError(_ status: Int) -> Bool { check(status) != 0 }

    /// ZSTD_d_windowLogMax.
    private static let windowLogMax: Int32 = 100
}
