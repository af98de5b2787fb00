import Wire

/// Seals what leaves, after a GSSAPI handshake: each frame of a message and each command becomes a MESSAGE of its own.
package struct GSSAPIEncoder: Sendable {
    private let context: any GSSAPIContext

    init(_ context: any GSSAPIContext) {
        self.context = context
    }

    /// The room that these whole frames need once they are sealed: more than they will take.
    func byteCount(encoding frames: UnsafeRawBufferPointer) -> Int {
        var byteCount = 0
        var offset = 0
        while let head = CurveFrame.Head(frames, at: offset) {
            byteCount += CurveFrame.byteCount(body: head.bodyByteCount + Self.overheadByteCountMax)
            offset += head.byteCount + head.bodyByteCount
        }
        return byteCount
    }

    /// Seals whole frames into `octets`, which has room for them; gives how many octets it wrote. Where the context is worth
    /// nothing any more, a MESSAGE without a token ends the connection at its other end.
    func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let target = octets.baseAddress else { return 0 }
        var end = 0
        var offset = 0
        while let head = CurveFrame.Head(frames, at: offset) {
            offset += head.byteCount
            let body = frames[offset..<offset + head.bodyByteCount]
            offset += head.bodyByteCount
            let text = [Self.flags(head.flags)] + body
            let token = text.withUnsafeBytes { context.wrap($0) } ?? []
            let isUsable = token.count <= text.count + GSSAPIFrame.sealByteCountMax
            let sealed = GSSAPIFrame.body(isUsable ? token : [])
            end += CurveFrame.writeHeader(0, sealed.count, to: target + end)
            UnsafeMutableRawBufferPointer(start: target + end, count: sealed.count)
                .copyBytes(from: sealed)
            end += sealed.count
        }
        return end
    }

    private static func flags(_ flags: UInt8) -> UInt8 {
        (flags & FrameHeader.more != 0 ? GSSAPIFrame.more : 0)
            | (flags & FrameHeader.command != 0 ? GSSAPIFrame.command : 0)
    }

    private static let overheadByteCountMax =
        GSSAPIFrame.headByteCount + 1 + GSSAPIFrame.sealByteCountMax
}
