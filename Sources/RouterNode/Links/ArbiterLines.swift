import Foundation
public import Routing

/// What a supervisor and its relays say to each other of trees' roots: lines of JSON on the pipes between them.
///
///     relay ── standard output ──▶ supervisor    {"ask":"take-in","tree":"main","node":"b","epoch":1764500000}
///     relay ◀── standard input ─── supervisor    {"say":"named","tree":"main","root":"b","epoch":1764500001,"service":[],…}
public enum ArbiterLine {
    /// From a relay.
    public struct Request: Codable, Equatable, Sendable {
        public var ask: String
        public var tree: String?
        public var node: String?
        public var epoch: UInt64?
        public var service: [String]?
        /// The number of the supervisor's question that is answered.
        public var number: Int?

        public init(_ request: ArbiterRequest, of tree: String) {
            self.tree = tree
            switch request {
            case .takeIn(let node, let epoch):
                (ask, self.node, self.epoch) = ("take-in", node, epoch)
            case .takeOut(let node, let epoch):
                (ask, self.node, self.epoch) = ("take-out", node, epoch)
            case .office(let epoch, let service):
                (ask, self.epoch, self.service) = ("office", epoch, service)
            }
        }

        /// I live: the answer to `alive`.
        public init(alive number: Int) {
            ask = "alive"
            self.number = number
        }

        /// `nil` for what is no request.
        public var request: (tree: String, request: ArbiterRequest)? {
            guard let tree, let epoch else { return nil }
            switch (ask, node) {
            case ("take-in", let node?): return (tree, .takeIn(node, epoch: epoch))
            case ("take-out", let node?): return (tree, .takeOut(node, epoch: epoch))
            case ("office", _): return (tree, .office(after: epoch, service: service ?? []))
            default: return nil
            }
        }
    }

    /// From the supervisor.
    public struct News: Codable, Equatable, Sendable {
        public var say: String
        public var tree: String?
        public var node: String?
        public var root: String?
        public var epoch: UInt64?
        public var service: [String]?
        public var dead: [String]?
        public var formerRoots: [String]?
        public var number: Int?

        public init(_ news: ArbiterNews, of tree: String) {
            self.tree = tree
            switch news {
            case .named(let naming):
                say = "named"
                take(naming)
            case .takenIn(let node): (say, self.node) = ("taken-in", node)
            case .takenOut(let node): (say, self.node) = ("taken-out", node)
            case .office(let naming):
                say = "office"
                if let naming { take(naming) }
            case .dead(let node): (say, self.node) = ("dead", node)
            }
        }

        /// Do you live? To be answered by the relay's own loop.
        public init(alive number: Int) {
            say = "alive"
            self.number = number
        }

        private mutating func take(_ naming: Naming) {
            (root, epoch, service) = (naming.root.node, naming.root.epoch, naming.service)
            (dead, formerRoots) = (naming.dead, naming.formerRoots)
        }

        /// `nil` for what is no news of a tree.
        public var news: (tree: String, news: ArbiterNews)? {
            guard let tree else { return nil }
            switch (say, node) {
            case ("named", _): return naming.map { (tree, .named($0)) }
            case ("office", _): return (tree, .office(naming))
            case ("taken-in", let node?): return (tree, .takenIn(node))
            case ("taken-out", let node?): return (tree, .takenOut(node))
            case ("dead", let node?): return (tree, .dead(node))
            default: return nil
            }
        }

        private var naming: Naming? {
            guard let root, let epoch else { return nil }
            return Naming(
                root: LinkRoot(node: root, epoch: epoch),
                service: service ?? [],
                dead: dead ?? [],
                formerRoots: formerRoots ?? []
            )
        }
    }

    /// Under which root a relay starts in a tree.
    public struct Reign: Codable, Equatable, Sendable {
        public var tree: String
        public var root: String
        public var epoch: UInt64

        public init(tree: String, _ root: LinkRoot) {
            self.tree = tree
            self.root = root.node
            epoch = root.epoch
        }
    }
}
