"""Large graphs from a seed, as edge lists: `a b delay` per line, the delay in ms.

    python3 scale_graphs.py ba 100000 2 1 > ba.txt      Barabási–Albert: 2 links for each new node
    python3 scale_graphs.py grid 1000 1 > grid.txt      1000 × 1000 nodes, four neighbours each

Delays are 1.00 … 10.99 ms, so that the sums are whole in any unit that is used.
"""

import random
import sys


def delay(generator):
    return f"{1 + generator.randrange(1000) / 100:.2f}"


def barabasi_albert(node_count, link_count, seed):
    """Each new node links to `link_count` older ones, drawn by their degree (Science 286, 1999)."""
    generator = random.Random(seed)
    # A node stands here once for each of its links: a draw from it is a draw by degree.
    ends = []
    targets = list(range(link_count))
    for node in range(link_count, node_count):
        for target in targets:
            yield node, target, delay(generator)
        ends.extend(targets)
        ends.extend([node] * link_count)
        chosen = []
        while len(chosen) < link_count:
            target = ends[int(generator.random() * len(ends))]
            if target not in chosen:
                chosen.append(target)
        targets = chosen


def grid(side, seed):
    """A square of `side` × `side` nodes: long paths, no hubs."""
    generator = random.Random(seed)
    for row in range(side):
        for column in range(side):
            node = row * side + column
            if column + 1 < side:
                yield node, node + 1, delay(generator)
            if row + 1 < side:
                yield node, node + side, delay(generator)


def write(edges, path):
    with open(path, "w", encoding="ascii") as file:
        for a, b, length in edges:
            file.write(f"{a} {b} {length}\n")


def main():
    kind, numbers = sys.argv[1], [int(word) for word in sys.argv[2:]]
    edges = {"ba": barabasi_albert, "grid": grid}[kind](*numbers)
    write(edges, "/dev/stdout")


if __name__ == "__main__":
    main()
