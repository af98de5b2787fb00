/// The headers around what is being dissected, and a number that tells different paths apart.
struct OuterPath {
    /// The outermost first.
    private(set) var layers: [OuterLayer] = []
    /// Differs, but for chance, where layers or the interface below an "any" capture differ: what comes with one number came one way.
    private(set) var scope: UInt64 = 0
    /// Headers passed so far, whether they made a layer or not.
    private var headerCount = 0

    @inline(__always)
    mutating func forget() {
        if headerCount > 0 || scope != 0 { clear() }
    }

    private mutating func clear() {
        layers.removeAll(keepingCapacity: true)
        scope = 0
        headerCount = 0
    }

    mutating func enter(interface: UInt32) {
        mix(UInt64(interface) &+ 1)
    }

    mutating func append(_ layer: OuterLayer) {
        layers.append(layer)
        mix(UInt64(layer.kind.rawValue.utf8.count) << 32 | UInt64(layer.identifier ?? 0))
        guard let source = layer.source, let destination = layer.destination else { return }
        for half in [source.high, source.low, destination.high, destination.low] { mix(half) }
    }

    /// Every header is counted before it is read, so that no packet is followed for ever.
    mutating func countHeader() throws(SkipFailure) {
        headerCount += 1
        guard headerCount <= Self.headerCountMax else { throw SkipFailure(.tooManyHeaders) }
    }

    private mutating func mix(_ number: UInt64) {
        let product = (scope ^ number).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        scope = product.high ^ product.low &+ 1
    }

    /// Far more than networks stack on each other.
    static let headerCountMax = 32
}
