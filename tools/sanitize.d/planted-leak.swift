// What the leak check must see: `planted-leak cycle` leaves two objects that hold each other; `planted-leak clean` breaks the cycle.
final class Node {
    var other: Node?
}

@inline(never) func plant(isLeaking: Bool) {
    let one = Node()
    let two = Node()
    one.other = two
    two.other = one
    if !isLeaking { one.other = nil }
}

@inline(never) func sweepStack(_ depth: Int) -> Int { depth == 0 ? 0 : 1 + sweepStack(depth - 1) }

plant(isLeaking: CommandLine.arguments.last == "cycle")
// No stale pointer may be left on the stack that would make the cycle look alive.
print(sweepStack(64))
