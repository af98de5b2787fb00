/// The text of a source file as valid UTF-8: no byte order mark, no control characters but tab, line
/// feed and carriage return.
struct SourceText {
    let file: String
    let bytes: [UInt8]
    /// What a reader is told of how the bytes were read.
    let notes: [String]

    init(_ bytes: [UInt8], file: String) throws(TopologyError) {
        self.file = file
        let encoding = TextEncoding(of: bytes)
        // What cannot be decoded is shown where it is.
        var text = encoding.utf8(bytes) ?? bytes
        // Lines of old spreadsheets end with a carriage return alone.
        if text.contains(0x0D), !text.contains(0x0A) {
            for index in text.indices where text[index] == 0x0D { text[index] = 0x0A }
        }
        self.bytes = text
        notes = encoding.note.map { [$0] } ?? []
        if let offset = text.firstIndex(where: Self.isControl) {
            let code = String(text[offset], radix: 16, uppercase: true)
            throw error(
                "control character 0x\(code.count < 2 ? "0" : "")\(code): this is not a text file",
                at: offset
            )
        }
        if let offset = invalidOffset() {
            throw error("not valid UTF-8; save the file as UTF-8", at: offset)
        }
    }

    /// Text that another `SourceText` holds already; nothing of it is checked again.
    init(checked bytes: [UInt8], file: String = "") {
        self.file = file
        self.bytes = bytes
        notes = []
    }

    /// An error at a byte offset.
    func error(_ message: String, at offset: Int) -> TopologyError {
        TopologyError(file: file, position: position(of: offset), message: message)
    }

    /// The line and column of a byte offset. Costs a walk from the start: for errors only.
    func position(of offset: Int) -> SourcePosition {
        var cursor = PositionCursor()
        return cursor.advance(to: offset, in: bytes)
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte == 0x7F || (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D)
    }

    private func invalidOffset() -> Int? {
        // A fast check of the whole file first; the slow walk that finds the place is only for files that fail it.
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}

/// Turns growing byte offsets into lines and columns, in time linear in the file over all of them.
struct PositionCursor {
    private var offset = 0
    private var position = SourcePosition(line: 1, column: 1)

    /// The place of `target`, which must not lie before an earlier one.
    mutating func advance(to target: Int, in bytes: [UInt8]) -> SourcePosition {
        precondition(target >= offset, "a position cursor does not go back")
        while offset < min(target, bytes.count) {
            switch bytes[offset] {
            case 0x0A: position = SourcePosition(line: position.line + 1, column: 1)
            case 0x80..<0xC0: break  // continues a scalar that was counted
            default: position.column += 1
            }
            offset += 1
        }
        return position
    }
}
