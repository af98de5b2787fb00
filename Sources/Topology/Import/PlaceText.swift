/// A latitude and a longitude in one text.
enum PlaceText {
    /// The place of `59.91, 10.75`, `[59.91 10.75]`, `59,91; 10,75`, or `POINT(10.75 59.91)`, which
    /// has the longitude first.
    static func coordinates(_ text: String) -> Topology.Coordinates? {
        var rest = text[...]
        var isLongitudeFirst = false
        if rest.lowercased().hasPrefix("point") {
            rest = rest.dropFirst(5)
            isLongitudeFirst = true
        }
        let brackets = "()[]{} "
        while let first = rest.first, brackets.contains(first) { rest.removeFirst() }
        while let last = rest.last, brackets.contains(last) { rest.removeLast() }
        let separator: Character =
            rest.contains(";") ? ";" : rest.contains(",") && !isLongitudeFirst ? "," : " "
        let parts = rest.split(separator: separator).map { part in
            String(part.drop { $0 == " " }.prefix { $0 != " " })
        }
        guard parts.count == 2, let a = ForeignQuantity.number(parts[0]),
            let b = ForeignQuantity.number(parts[1])
        else { return nil }
        return isLongitudeFirst
            ? Topology.Coordinates(latitude: b, longitude: a)
            : Topology.Coordinates(latitude: a, longitude: b)
    }
}
