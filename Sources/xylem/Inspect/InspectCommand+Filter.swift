import Dissection

extension InspectCommand {
    /// What `--where help` prints.
    static var filterHelp: String {
        let width = FilterField.allCases.map(\.rawValue.count).max() ?? 0
        let fields = FilterField.allCases.map { field in
            let name = field.rawValue
            return "  " + name + String(repeating: " ", count: width - name.count + 2)
                + field.explanation
        }
        return """
            --where EXPR chooses packets.

              type in [nak, ncf] and seq >= 100
              source in 10.77.0.0/24 and not (type == odata or type == rdata)
              group == 239.192.1.1 and time in 1.5..2
              pgm and checksum != valid

            Comparisons: == != < <= > >=, and “in” with a list [1, 5, 10..20], a range 1..5 or a network 10.77.0.0/24.
            They are joined by and, or, not and brackets. What a packet does not have is never equal to anything, nor
            unequal, less or greater. A datagram in fragments counts as the packet that completes it.

            Fields:
            \(fields.joined(separator: "\n"))
            """
    }
}
