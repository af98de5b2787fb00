/// What a key that is none of our format was meant to be.
enum KeyHint {
    static func text(for key: String, among keys: [String]) -> String {
        let synonyms = [
            "capacity": "uplink (bit/s) or max-children (a number)", "host": "address",
            "latency": "delay", "latitude": "coordinates", "longitude": "coordinates",
            "lat": "coordinates", "lon": "coordinates", "source": "between", "target": "between",
            "endpoints": "between", "topic": "topics", "degree": "fan-out", "edges": "links",
        ]
        let guess = Spelling.suggestion(for: key, among: keys)
        if !guess.isEmpty { return guess }
        if let synonym = synonyms[key], keys.contains(where: synonym.hasPrefix) {
            return "; the key for this is \(synonym)"
        }
        return "; possible are \(keys.joined(separator: ", "))"
    }
}
