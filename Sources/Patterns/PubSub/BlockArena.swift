/// Untyped blocks in one growing allocation, named by a 32-bit offset instead of a pointer.
///
/// ```
///  base ─▶ │ block │ block      │ free ─┐ │ block │ … never used … │
///                                       └─▶ next free block of that class
/// ```
///
/// Sizes are whole 8-byte units. A released block waits in the free list of its size class and is
/// handed out again; the allocation itself shrinks only in `removeAll`. Growing moves every block,
/// so a pointer is good until the next `allocate`.
struct BlockArena: ~Copyable {
    /// Offset of a block from `base`, in units; `noBlock` for none.
    typealias Block = UInt32
    static let noBlock = UInt32.max
    static let unitByteCount = 8

    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    /// First free block of each size class.
    private let freeBlocks: UnsafeMutablePointer<Block>

    init() {
        capacity = Self.initialUnitCount
        base = Self.makeStorage(unitCount: capacity)
        freeBlocks = .allocate(capacity: Self.classCount)
        freeBlocks.initialize(repeating: Self.noBlock, count: Self.classCount)
    }

    deinit {
        base.deallocate()
        freeBlocks.deallocate()
    }

    var byteCount: Int { capacity * Self.unitByteCount }

    @inline(__always)
    func pointer(to block: Block) -> UnsafeMutableRawPointer {
        base + Int(block) &* Self.unitByteCount
    }

    /// The block's bytes are undefined.
    mutating func allocate(unitCount: Int) -> Block {
        let sizeClass = Self.sizeClass(unitCount: unitCount)
        let free = freeBlocks[sizeClass]
        if free != Self.noBlock {
            freeBlocks[sizeClass] = pointer(to: free).load(as: Block.self)
            return free
        }
        let size = Self.unitCount(ofClass: sizeClass)
        if used + size > capacity { grow(toHold: used + size) }
        defer { used += size }
        return Block(used)
    }

    /// Takes a block back; `unitCount` is what it was allocated with.
    mutating func release(_ block: Block, unitCount: Int) {
        let sizeClass = Self.sizeClass(unitCount: unitCount)
        pointer(to: block).storeBytes(of: freeBlocks[sizeClass], as: Block.self)
        freeBlocks[sizeClass] = block
    }

    /// Forgets every block and gives the memory back.
    mutating func removeAll() {
        used = 0
        freeBlocks.update(repeating: Self.noBlock, count: Self.classCount)
        guard capacity > Self.initialUnitCount else { return }
        base.deallocate()
        capacity = Self.initialUnitCount
        base = Self.makeStorage(unitCount: capacity)
    }

    private mutating func grow(toHold unitCount: Int) {
        precondition(unitCount < Int(Self.noBlock), "32 GB of subscriptions in one index")
        let larger = max(capacity * 2, unitCount)
        let storage = Self.makeStorage(unitCount: larger)
        storage.copyMemory(from: base, byteCount: used * Self.unitByteCount)
        base.deallocate()
        base = storage
        capacity = larger
    }

    private static func makeStorage(unitCount: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: unitCount * unitByteCount, alignment: unitByteCount)
    }

    // Up to 16 units every size is a class of its own, above that the powers of two.
    private static func sizeClass(unitCount: Int) -> Int {
        guard unitCount > exactClassCount else { return unitCount - 1 }
        return exactClassCount + Int.bitWidth - (unitCount - 1).leadingZeroBitCount - 5
    }

    private static func unitCount(ofClass sizeClass: Int) -> Int {
        sizeClass < exactClassCount ? sizeClass + 1 : 1 << (sizeClass - exactClassCount + 5)
    }

    private static let exactClassCount = 16
    private static let classCount = 48
    private static let initialUnitCount = 64
}
