/// The command line as the system handed it over. What is not UTF-8 arrives at the parser with U+FFFD in its place, which
/// would then be published, subscribed to, or looked for as a file.
enum RawArguments {
    /// - Throws: When an argument is not UTF-8.
    static func check() throws(CommandError) {
        var arguments: [[UInt8]] = []
        for index in 0..<Int(CommandLine.argc) {
            guard let start = CommandLine.unsafeArgv[index] else { break }
            let text = UnsafeRawPointer(start)
            var count = 0
            while start[count] != 0 { count += 1 }
            arguments.append(Array(UnsafeRawBufferPointer(start: text, count: count)))
        }
        try check(arguments)
    }

    static func check(_ arguments: [[UInt8]]) throws(CommandError) {
        let bad = arguments.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        guard let bad else { return }
        var hexadecimal: [UInt8] = []
        arguments[bad].withUnsafeBytes {
            OctetCoding.hexadecimal.append($0, to: &hexadecimal)
        }
        let shown = String(decoding: hexadecimal.prefix(Self.digitCountMax), as: UTF8.self)
        let more = hexadecimal.count > Self.digitCountMax ? "…" : ""
        throw .badInput(
            "argument \(bad) is not UTF-8 (its octets are \(shown)\(more)); give a topic as --topic-hex \(shown)\(more), and "
                + "messages in hexadecimal with --hex, or with --base64"
        )
    }

    private static let digitCountMax = 64
}
