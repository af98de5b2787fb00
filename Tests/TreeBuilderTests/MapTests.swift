import Foundation
import FoundationXML
import Testing
import Topology

@testable import TreeBuilder

/// The picture of a tree on the map.
@Suite struct MapTests {
    /// Nine cities around the world, one without coordinates, two at one place.
    private static var world: Topology {
        let places: [(String, Double, Double)] = [
            ("tokyo", 35.7, 139.7), ("sydney", -33.9, 151.2), ("honolulu", 21.3, -157.9),
            ("seattle", 47.6, -122.3), ("new-york", 40.7, -74), ("london", 51.5, -0.1),
            ("london-2", 51.5, -0.1),
        ]
        var nodes = places.map {
            Topology.Node(
                id: $0.0,
                label: $0.0.hasPrefix("london") ? "London" : nil,
                coordinates: .init(latitude: $0.1, longitude: $0.2)
            )
        }
        nodes.append(Topology.Node(id: "cable<&>"))
        let ends = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (4, 7), (5, 7)]
        return Topology(
            name: "world",
            nodes: nodes,
            links: ends.map { .init(a: $0.0, b: $0.1, delayMilliseconds: 20) },
            trees: [.init(name: "all", mode: .link)]
        )
    }

    private func svg(_ topology: Topology, layout: PlanSVG.Layout? = nil) throws -> String {
        PlanSVG.render(try Planner.plan(topology), topology: topology, layout: layout)
    }

    @Test func theMapIsTheDefaultWhereMostNodesHaveCoordinates() throws {
        #expect(try svg(Self.world).contains("link not used"))
        #expect(try !svg(Self.world, layout: .tree).contains("link not used"))
        var few = Self.world
        for index in few.nodes.indices.dropFirst(2) { few.nodes[index].coordinates = nil }
        #expect(try !svg(few).contains("link not used"))
        #expect(try svg(few, layout: .map).contains("link not used"))
        #expect(!PlanSVG.hasMap(SampleTopologies.quickstart))
    }

    /// Seen from the Pacific, Honolulu lies between Tokyo and Seattle.
    @Test func theMapIsCutAtTheWidestGap() throws {
        let places = try #require(MapPlaces(Self.world))
        let x = Dictionary(
            uniqueKeysWithValues: zip(Self.world.nodes.map(\.id), places.points.map(\.x))
        )
        let order = ["tokyo", "sydney", "honolulu", "seattle", "new-york", "london"]
        let xs = order.compactMap { x[$0] }
        #expect(xs == xs.sorted())
        #expect(places.points[0].y < places.points[1].y, "north is up")
    }

    @Test func distancesKeepTheirProportions() throws {
        var topology = Topology(name: "square")
        for (latitude, longitude) in [(60.0, 10.0), (60.0, 12.0), (59.0, 10.0)] {
            topology.nodes.append(
                .init(
                    id: "\(latitude) \(longitude)",
                    coordinates: .init(latitude: latitude, longitude: longitude)
                )
            )
        }
        let points = try #require(MapPlaces(topology)).points
        // At 60° two degrees of longitude are as long as one of latitude.
        let ratio = (points[1].x - points[0].x) / (points[2].y - points[0].y)
        #expect(abs(ratio - 1) < 0.02)
    }

    @Test func nodesAtOnePlaceAreMovedApart() throws {
        var topology = Topology(name: "heap")
        for index in 0..<40 {
            let latitude = index == 39 ? 10.0 : 50
            topology.nodes.append(
                .init(id: "n\(index)", coordinates: .init(latitude: latitude, longitude: 5))
            )
        }
        let points = try #require(MapPlaces(topology)).points
        for a in points.indices {
            for b in points.indices where b > a {
                #expect((points[a] - points[b]).length > MapPlaces.distance * 0.7)
            }
        }
    }

    @Test func aNodeWithoutCoordinatesStandsAmongItsNeighbours() throws {
        let places = try #require(MapPlaces(Self.world))
        let middle = (places.points[4] + places.points[5]) * 0.5
        #expect((places.points[7] - middle).length < MapPlaces.distance)
    }

    @Test func namesCoverNeitherEachOtherNorNodes() throws {
        let topology = SampleTopologies.scattered(nodeCount: 150, seed: 3)
        let places = try #require(MapPlaces(topology))
        let labels = MapLabels(
            order: Array(topology.nodes.indices),
            names: topology.nodes.map { "a name of \($0.id)" },
            points: places.points,
            radius: topology.nodes.map { _ in 4 },
            lines: [],
            fontSize: 9
        )
        #expect(labels.labels.count + labels.leftOutCount == 150)
        #expect(labels.labels.count > 60)
        let boxes = labels.labels.map { label in
            MapLabels.Box(
                left: label.x,
                top: label.y - 6,
                right: label.x + SVGText.width(label.text) * 9 / 12 - 2,
                bottom: label.y
            )
        }
        for a in boxes.indices {
            for b in boxes.indices where b > a { #expect(!boxes[a].overlaps(boxes[b])) }
            for (node, point) in places.points.enumerated() where node != labels.labels[a].node {
                let isInside =
                    boxes[a].left < point.x && point.x < boxes[a].right && boxes[a].top < point.y
                    && point.y < boxes[a].bottom
                #expect(!isInside)
            }
        }
    }

    @Test func idsStandWhereLabelsRepeatAndTextIsEscaped() throws {
        let picture = try svg(Self.world)
        #expect(picture.contains(">London (london)<"))
        #expect(picture.contains(">London (london-2)<"))
        #expect(picture.contains(">cable&lt;&amp;&gt;<"))
        #expect(!picture.contains("cable<"))
    }

    @Test func linksAreUsedOrGrey() throws {
        for mode in [Topology.Mode.link, .mesh] {
            var topology = Self.world
            topology.trees[0].mode = mode
            topology.trees[0].fanOut = 2
            let plan = try Planner.plan(topology)
            let picture = PlanSVG.render(plan, topology: topology)
            let outline = try #require(TreeOutline(plan.trees[0]))
            let usedCount = try #require(LinkLoad(outline, topology: topology)).entries.count
            let greyCount = picture.components(separatedBy: ": not used</title>").count - 1
            #expect(greyCount + usedCount == topology.links.count)
            #expect(picture.contains("copies of a message on a link") == (mode == .mesh))
        }
    }

    @Test func theSameTopologyIsTheSamePictureAndSoundXML() throws {
        let topology = SampleTopologies.scattered(nodeCount: 200, seed: 7)
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.05))
        let picture = PlanSVG.render(plan, topology: topology)
        #expect(picture == PlanSVG.render(plan, topology: topology))
        let parser = XMLParser(data: Data(picture.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }
}

extension SampleTopologies {
    /// Nodes in a country, links between neighbours of the list.
    static func scattered(nodeCount: Int, seed: UInt64) -> Topology {
        var random = SeededGenerator(seed: seed)
        var topology = Topology(name: "scattered", trees: [.init(name: "all", mode: .link)])
        for index in 0..<nodeCount {
            topology.nodes.append(
                .init(
                    id: "city \(index)",
                    coordinates: .init(
                        latitude: 40 + Double(random.next(below: 1000)) / 100,
                        longitude: Double(random.next(below: 1500)) / 100
                    )
                )
            )
            guard index > 0 else { continue }
            topology.links.append(
                .init(a: random.next(below: index), b: index, delayMilliseconds: 1)
            )
        }
        return topology
    }
}
