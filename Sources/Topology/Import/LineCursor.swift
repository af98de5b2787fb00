/// The lines of a text in words, with their places.
struct LineCursor {
    struct Word: Equatable {
        let text: String
        /// Of its first byte in the file.
        let offset: Int
        /// It stood in quotes.
        var isQuoted = false
    }

    struct Line {
        /// From 1.
        let number: Int
        /// Of its first byte in the file.
        let start: Int
        /// Never empty.
        let words: [Word]
    }

    private let source: SourceText
    private let hasQuotes: Bool
    private let separator: UInt8?
    private var offset = 0
    private var number = 0

    /// - hasQuotes: Words may stand in `"`, blanks included; `\"` is a quote inside.
    /// - separator: What parts words; `nil` = all blanks.
    init(_ source: SourceText, hasQuotes: Bool = false, separator: UInt8? = nil) {
        self.source = source
        self.hasQuotes = hasQuotes
        self.separator = separator
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        separator.map { byte == $0 || byte == 0x0D || byte == 0x0A } ?? (byte <= 0x20)
    }

    /// The next line that has words.
    mutating func next() throws(TopologyError) -> Line? {
        let bytes = source.bytes
        while offset < bytes.count {
            let start = offset
            var words: [Word] = []
            number += 1
            while offset < bytes.count, bytes[offset] != 0x0A {
                if isBlank(bytes[offset]) {
                    offset += 1
                } else if hasQuotes, bytes[offset] == UInt8(ascii: "\"") {
                    words.append(try quotedWord())
                } else {
                    let first = offset
                    while offset < bytes.count, !isBlank(bytes[offset]) { offset += 1 }
                    words.append(
                        Word(
                            text: String(decoding: bytes[first..<offset], as: UTF8.self),
                            offset: first
                        )
                    )
                }
            }
            offset += 1
            if !words.isEmpty { return Line(number: number, start: start, words: words) }
        }
        return nil
    }

    private mutating func quotedWord() throws(TopologyError) -> Word {
        let bytes = source.bytes
        let start = offset
        var text: [UInt8] = []
        offset += 1
        while offset < bytes.count, bytes[offset] != 0x0A {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") {
                return Word(
                    text: String(decoding: text, as: UTF8.self),
                    offset: start,
                    isQuoted: true
                )
            }
            if byte == UInt8(ascii: "\\"), offset < bytes.count,
                bytes[offset] == UInt8(ascii: "\"")
            {
                text.append(bytes[offset])
                offset += 1
            } else {
                text.append(byte)
            }
        }
        throw source.error("this text is not closed; a \" is missing", at: start)
    }

    /// The place of a line, or of a word in it.
    func position(of line: Line, _ word: Word? = nil) -> SourcePosition {
        let end = word?.offset ?? line.words[0].offset
        let column = source.bytes[line.start..<end].count { $0 & 0xC0 != 0x80 }
        return SourcePosition(line: line.number, column: column + 1)
    }

    func error(_ message: String, in line: Line, _ word: Word? = nil) -> TopologyError {
        TopologyError(file: source.file, position: position(of: line, word), message: message)
    }
}
