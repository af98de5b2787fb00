/// How the bytes of a text file stand for characters.
///
/// What is not UTF-8 comes from spreadsheets and old tools: UTF-16, with or without a byte order
/// mark, and Windows-1252, which holds Latin-1. A file with both sound UTF-8 and wrong bytes is
/// neither, but damaged.
enum TextEncoding: Equatable {
    case utf8
    case utf16(isLittleEndian: Bool)
    /// - isDeclared: The file says so itself.
    case windows1252(isDeclared: Bool)

    /// The encoding of a file: by its byte order mark, by the zeros of UTF-16, by what an XML
    /// declaration says, by the bytes themselves.
    init(of bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xFE]) {
            self = .utf16(isLittleEndian: true)
        } else if bytes.starts(with: [0xFE, 0xFF]) {
            self = .utf16(isLittleEndian: false)
        } else if let isLittleEndian = Self.orderByZeros(bytes) {
            self = .utf16(isLittleEndian: isLittleEndian)
        } else if Self.declaresLatin1(bytes) {
            self = .windows1252(isDeclared: true)
        } else {
            self = Self.looksLikeWindows1252(bytes) ? .windows1252(isDeclared: false) : .utf8
        }
    }

    /// What a reader is told of a file that was not UTF-8.
    var note: String? {
        switch self {
        case .utf8, .utf16, .windows1252(isDeclared: true): nil
        case .windows1252(isDeclared: false):
            "the file is not UTF-8 and was read as Windows-1252 (Latin-1)"
        }
    }

    /// The text as UTF-8, without a byte order mark; `nil` = the bytes are not of this encoding.
    func utf8(_ bytes: [UInt8]) -> [UInt8]? {
        switch self {
        case .utf8:
            return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        case .utf16(let isLittleEndian):
            guard bytes.count % 2 == 0 else { return nil }
            let (high, low) = isLittleEndian ? (1, 0) : (0, 1)
            let units = stride(from: 0, to: bytes.count, by: 2).map { index in
                UInt16(bytes[index + high]) << 8 | UInt16(bytes[index + low])
            }
            // Python marks every line that it writes by itself.
            let text = units.filter { $0 != 0xFEFF }
            return String(validating: text, as: UTF16.self).map { Array($0.utf8) }
        case .windows1252:
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count + bytes.count / 8)
            for byte in bytes {
                guard byte >= 0x80 else {
                    text.append(byte)
                    continue
                }
                let code = byte < 0xA0 ? Self.upperHalf[Int(byte) - 0x80] : UInt16(byte)
                guard code != 0, let scalar = Unicode.Scalar(code) else { return nil }
                text.append(contentsOf: UTF8.encode(scalar)?.map { $0 } ?? [])
            }
            return text
        }
    }

    // MARK: Signs

    /// Text of Latin letters in UTF-16 is every other byte zero.
    private static func orderByZeros(_ bytes: [UInt8]) -> Bool? {
        guard bytes.count >= 4, bytes.count % 2 == 0 else { return nil }
        let head = bytes.prefix(64)
        let isOdd = head.indices.allSatisfy { (head[$0] == 0) == ($0 % 2 == 1) }
        let isEven = head.indices.allSatisfy { (head[$0] == 0) == ($0 % 2 == 0) }
        return isOdd ? true : isEven ? false : nil
    }

    /// `<?xml version="1.0" encoding="ISO-8859-1"?>`.
    private static func declaresLatin1(_ bytes: [UInt8]) -> Bool {
        guard bytes.starts(with: Array("<?xml".utf8)),
            let end = bytes.prefix(200).firstIndex(of: UInt8(ascii: ">"))
        else { return false }
        let declaration = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        return ["iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252"].contains { name in
            declaration.contains("\"\(name)\"") || declaration.contains("'\(name)'")
        }
    }

    private static func looksLikeWindows1252(_ bytes: [UInt8]) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return false }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar):
                if scalar.count > 1 { return false }
                offset += scalar.count
            case .error(let length):
                // A character that the end of the file cuts off was UTF-8.
                if offset + length >= bytes.count, bytes[offset] >= 0xC2, bytes[offset] < 0xF5 {
                    return false
                }
                offset += length
            case .emptyInput: return true
            }
        }
    }

    /// The characters of 0x80…0x9F in Windows-1252; 0 = none.
    private static let upperHalf: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
        0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]
}
