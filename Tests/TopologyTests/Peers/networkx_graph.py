"""Prints a graph file as networkx reads it: nodes and edges with attributes, as JSON.

usage: networkx_graph.py FORMAT FILE

Formats that networkx has no reader for (SNDlib's two, Rocketfuel's .cch) are read here with the
standard library into its graphs, so that the other side of the comparison is nobody's code but Python's.
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import networkx as nx


def graphml(path):
    return nx.read_graphml(path, node_type=str, force_multigraph=True)


def gml(path):
    # networkx asks for a word when a file has parallel edges, which those of the Zoo lack.
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not re.search(r"^\s*multigraph\b", text, re.M):
        text = re.sub(r"graph\s*\[", "graph [\n  multigraph 1\n", text, count=1)
    return nx.parse_gml(text, label="id")


def edges(path):
    # Directed, so that the ends stay in their order.
    return nx.read_edgelist(path, create_using=nx.MultiDiGraph, data=(("value", float),))


def positive(**values):
    """SNDlib writes 0 for what is not known."""
    return {name: value for name, value in values.items() if value > 0}


def sndlib_native(path):
    graph = nx.MultiGraph()
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"#.*", "", file.read())

    def section(name):
        match = re.search(r"^%s \((.*?)^\)" % name, text, re.M | re.S)
        return match.group(1) if match else ""

    unit = 1e6 if re.search(r"^\s*unit\s*=?\s*MBITPERSEC", section("META"), re.M) else 1.0
    for name, x, y in re.findall(r"(\S+) \( (\S+) (\S+) \)", section("NODES")):
        graph.add_node(name, x=float(x), y=float(y), demand=0.0)
    for row in re.findall(r"(\S+) \( (\S+) (\S+) \) (\S+) (\S+) (\S+) (\S+) \((.*?)\)", section("LINKS")):
        modules = [float(word) for word in row[7].split()][::2]
        installed = float(row[3])
        capacity = installed or max(modules, default=0.0)
        graph.add_edge(row[1], row[2], **positive(capacity=capacity * unit, cost=float(row[5])))
    for _, source, target, unit, value in re.findall(
        r"(\S+) \( (\S+) (\S+) \) (\S+) (\S+) \S+", section("DEMANDS")
    ):
        for end in (source, target):
            graph.nodes[end]["demand"] += float(unit) * float(value)
    return graph


def sndlib_xml(path):
    graph = nx.MultiGraph()
    root = ElementTree.parse(path).getroot()
    space = {"s": "http://sndlib.zib.de/network"}
    name = root.find("s:meta/s:unit", space)
    scale = 1e6 if name is not None and name.text == "MBITPERSEC" else 1.0
    for node in root.findall(".//s:nodes/s:node", space):
        graph.add_node(
            node.get("id"),
            x=float(node.find(".//s:x", space).text),
            y=float(node.find(".//s:y", space).text),
            demand=0.0,
        )
    for link in root.findall(".//s:links/s:link", space):
        installed = link.find("s:preInstalledModule/s:capacity", space)
        modules = link.findall(".//s:addModule/s:capacity", space)
        capacity = float(installed.text) if installed is not None else 0.0
        cost = link.find("s:routingCost", space)
        capacity = capacity or max((float(module.text) for module in modules), default=0.0)
        graph.add_edge(
            link.find("s:source", space).text,
            link.find("s:target", space).text,
            **positive(
                capacity=capacity * scale, cost=float(cost.text) if cost is not None else 0.0
            ),
        )
    for demand in root.findall(".//s:demands/s:demand", space):
        unit = demand.find("s:routingUnit", space)
        value = float(demand.find("s:demandValue", space).text)
        for end in ("source", "target"):
            name = demand.find("s:" + end, space).text
            graph.nodes[name]["demand"] += value * (float(unit.text) if unit is not None else 1.0)
    return graph


def node_link(path):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    try:
        return nx.node_link_graph(data, edges="edges")
    except TypeError:
        return nx.node_link_graph(data, link="edges")  # before networkx 3.4


def cch(path):
    graph = nx.MultiGraph()
    links = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"(\d+) @(\S+)", line)
            if not match:
                continue
            place = match.group(2).replace("+", " ")
            graph.add_node(match.group(1), **({} if place in ("T", "?") else {"region": place}))
            links += [(match.group(1), other) for other in re.findall(r"<(\d+)>", line)]
    graph.add_edges_from(link for link in links if link[1] in graph)
    return graph


def flat(attributes, prefix=""):
    pairs = {}
    for name, value in attributes.items():
        if isinstance(value, dict):
            pairs.update(flat(value, prefix + name + "."))
        else:
            pairs[prefix + name] = value
    return pairs


READERS = {
    "graphml": graphml,
    "gml": gml,
    "edges": edges,
    "sndlib-native": sndlib_native,
    "sndlib-xml": sndlib_xml,
    "cch": cch,
    "node-link": node_link,
}

if __name__ == "__main__":
    graph = READERS[sys.argv[1]](sys.argv[2])
    json.dump(
        {
            "nodes": [[str(node), flat(data)] for node, data in graph.nodes(data=True)],
            "edges": [[str(a), str(b), flat(data)] for a, b, data in graph.edges(data=True)],
        },
        sys.stdout,
    )
