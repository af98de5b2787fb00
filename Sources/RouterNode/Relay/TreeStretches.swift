import NIOCore
import Routing
import Transports
import Wire

/// A publisher's run, split by the trees that its messages belong to: neighbours of one tree stay together.
struct TreeStretches {
    private(set) var all: [(tree: TreeID?, range: Range<Int>, messageCount: Int)] = []

    init(of run: ByteBuffer, in interest: borrowing InterestCore) {
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let tree = interest.tree(of: UnsafeRawBufferPointer(rebasing: bytes[walker.topic]))
                if let last = all.last, last.tree == tree {
                    all[all.count - 1].range = last.range.lowerBound..<walker.end
                    all[all.count - 1].messageCount += 1
                } else {
                    all.append((tree, walker.start..<walker.end, 1))
                }
            }
        }
    }
}
