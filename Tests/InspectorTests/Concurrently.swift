/// Does something with each of many cases, on all processors, for cases that have nothing to do with each other.
func concurrently<Case: Sendable>(
    _ cases: some Sequence<Case>,
    _ body: @escaping @Sendable (Case) -> Void
) async {
    await withTaskGroup { group in
        for one in cases { group.addTask { body(one) } }
    }
}
