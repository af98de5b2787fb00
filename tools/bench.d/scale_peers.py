"""One library's figures for one edge list, as a JSON line; run by the Python that has it.

    python3 scale_peers.py scipy ba.txt

Reading, building what the library computes on, and the least delays from node 0 to all others.
"""

import importlib.util
import json
import resource
import sys
import time


def scipy_figures(path):
    import numpy
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    begin = time.monotonic()
    table = numpy.loadtxt(path)
    read = time.monotonic()
    a, b = table[:, 0].astype(numpy.int32), table[:, 1].astype(numpy.int32)
    count = int(max(a.max(), b.max())) + 1
    both = (numpy.concatenate([a, b]), numpy.concatenate([b, a]))
    graph = csr_matrix((numpy.concatenate([table[:, 2]] * 2), both), shape=(count, count))
    built = time.monotonic()
    delays = dijkstra(graph, indices=0)
    return read - begin, built - read, time.monotonic() - built, float(delays.max())


def igraph_figures(path):
    import igraph

    begin = time.monotonic()
    graph = igraph.Graph.Read_Ncol(path, names=True, weights=True, directed=False)
    read = time.monotonic()
    root = graph.vs.find(name="0").index
    built = time.monotonic()
    delays = graph.distances(source=[root], weights="weight")[0]
    return read - begin, built - read, time.monotonic() - built, max(delays)


def networkx_figures(path):
    import networkx

    begin = time.monotonic()
    graph = networkx.read_weighted_edgelist(path)
    read = time.monotonic()
    delays = networkx.single_source_dijkstra_path_length(graph, "0")
    return read - begin, 0.0, time.monotonic() - read, max(delays.values())


LIBRARIES = {"scipy": scipy_figures, "igraph": igraph_figures, "networkx": networkx_figures}


def main():
    library, path = sys.argv[1:]
    if importlib.util.find_spec(library) is None:
        print(json.dumps({"missing": library}))
        return
    read, build, paths, farthest = LIBRARIES[library](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    figures = {
        "readSeconds": read,
        "buildSeconds": build,
        "pathSeconds": paths,
        "peakMegabytes": peak,
        "farthestMs": farthest,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
