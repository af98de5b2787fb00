import ArgumentParser
import ZeroMQ

/// How a received message is printed.
enum MessageFormat: String, CaseIterable, ExpressibleByArgument {
    /// A line: text where it is text, hexadecimal otherwise.
    case text
    /// A line with one JSON object.
    case json
    /// A line with all octets of the frames in hexadecimal, or in base64, and `|` between frames.
    case hex, base64
    /// The octets of the frames, and nothing between.
    case raw
    /// Not at all.
    case quiet

    /// Appends a message to what is to be printed. `place` is named when there are several; `delay` is in nanoseconds.
    func append(
        _ message: Message,
        load: LoadMessage?,
        delay: UInt64,
        place: String?,
        to output: inout [UInt8]
    ) {
        switch self {
        case .quiet: break
        case .raw:
            for frame in message.frames {
                frame.withUnsafeBytes { output.append(contentsOf: $0) }
            }
        case .text:
            if let place { output += "\(place): ".utf8 }
            if let load {
                output += Self.text(load, message, delay).utf8
            } else {
                for (index, frame) in message.frames.enumerated() {
                    if index > 0 { output += " | ".utf8 }
                    frame.withUnsafeBytes { Self.appendText($0, to: &output) }
                }
            }
            output.append(UInt8(ascii: "\n"))
        case .hex: Self.append(message, .hexadecimal, place, to: &output)
        case .base64: Self.append(message, .base64, place, to: &output)
        case .json: Self.appendJSON(message, load, delay, place, to: &output)
        }
    }

    private static func append(
        _ message: Message,
        _ coding: OctetCoding,
        _ place: String?,
        to output: inout [UInt8]
    ) {
        if let place { output += "\(place): ".utf8 }
        for (index, frame) in message.frames.enumerated() {
            if index > 0 { output += " | ".utf8 }
            frame.withUnsafeBytes { coding.append($0, to: &output) }
        }
        output.append(UInt8(ascii: "\n"))
    }

    private static func text(_ load: LoadMessage, _ message: Message, _ delay: UInt64) -> String {
        "#\(load.sequence) of publisher \(String(load.publisher, radix: 16)), "
            + "\(message.byteCount) B, \(Figures.duration(nanoseconds: delay))"
    }

    // MARK: - Text

    /// As it is when it can be read in a terminal, else in hexadecimal; long octets are cut short.
    static func appendText(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        if isPrintable(bytes) {
            output.append(contentsOf: bytes)
            return
        }
        output += "0x".utf8
        OctetCoding.hexadecimal.append(
            UnsafeRawBufferPointer(rebasing: bytes.prefix(hexByteCountMax)),
            to: &output
        )
        if bytes.count > hexByteCountMax { output += "… (\(bytes.count) B)".utf8 }
    }

    /// UTF-8 without control characters, which could do anything to a terminal. A tab is harmless.
    static func isPrintable(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var isPlain = true
        for byte in bytes {
            if byte < 0x20, byte != UInt8(ascii: "\t") { return false }
            if byte == 0x7F { return false }
            if byte >= 0x80 { isPlain = false }
        }
        if isPlain { return true }
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        // C1 controls are terminal commands too.
        return !text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) }
    }

    // MARK: - JSON

    private static func appendJSON(
        _ message: Message,
        _ load: LoadMessage?,
        _ delay: UInt64,
        _ place: String?,
        to output: inout [UInt8]
    ) {
        output += #"{"frames":["#.utf8
        for (index, frame) in message.frames.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            frame.withUnsafeBytes { appendJSONFrame($0, to: &output) }
        }
        output.append(UInt8(ascii: "]"))
        if let place {
            output += #","from":"#.utf8
            appendJSONString(place.utf8, to: &output)
        }
        if let load {
            let microseconds = Double(delay) / 1e3
            output += #","publisher":\#(load.publisher),"sequence":\#(load.sequence)"#.utf8
            output += #","delayMicroseconds":\#(microseconds)"#.utf8
        }
        output += "}\n".utf8
    }

    /// A string, or `{"hex":"…"}` for what is not UTF-8.
    private static func appendJSONFrame(
        _ bytes: UnsafeRawBufferPointer,
        to output: inout [UInt8]
    ) {
        guard String(validating: bytes, as: UTF8.self) == nil else {
            return appendJSONString(bytes, to: &output)
        }
        output += #"{"hex":""#.utf8
        OctetCoding.hexadecimal.append(bytes, to: &output)
        output += #""}"#.utf8
    }

    /// The octets are UTF-8.
    static func appendJSONString(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0..<0x20:
                output += "\\u00".utf8
                output.append(hexDigits[Int(byte >> 4)])
                output.append(hexDigits[Int(byte & 15)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static let hexByteCountMax = 32
    private static let hexDigits = Array("0123456789abcdef".utf8)
}
