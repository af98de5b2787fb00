import Foundation
import Topology
import TreeBuilder

/// Where plans come from: a plan that was written before, or a topology file that is planned now.
enum PlanSource {
    /// Reads a topology file and plans it. What an importer changed is told on standard error.
    static func plan(
        topologyFile file: String,
        options: PlanOptions = PlanOptions(),
        importing: ImportOptions = ImportOptions(),
        measured: Measurements? = nil
    ) throws(CommandError) -> (topology: Topology, plan: Plan) {
        let topology = try topology(file, importing: importing)
        return (topology, try plan(topology, file: file, options: options, measured: measured))
    }

    /// Plans a topology that was read from `file`, which errors name.
    static func planning<Result>(
        _ file: String,
        _ body: () throws(PlanError) -> Result
    ) throws(CommandError) -> Result {
        do throws(PlanError) {
            return try body()
        } catch {
            let separator = error.position == nil ? ": " : ":"
            throw .badInput(file + separator + error.description)
        }
    }

    /// Reads a topology file. What an importer took and changed is told on standard error.
    static func topology(
        _ file: String,
        importing: ImportOptions = ImportOptions()
    ) throws(CommandError) -> Topology {
        try topology(InputFile.read(file), file: file, importing: importing)
    }

    /// Reads a plan (`xylem plan --format json`), which is as it is, or a topology file, which is planned.
    static func planOrTopology(
        _ file: String,
        options: PlanOptions = PlanOptions(),
        importing: ImportOptions = ImportOptions()
    ) throws(CommandError) -> Plan {
        let bytes = try InputFile.read(file)
        guard isPlan(bytes, file: file) else {
            let topology = try topology(bytes, file: file, importing: importing)
            return try plan(topology, file: file, options: options)
        }
        guard options == PlanOptions(), importing == ImportOptions() else {
            throw .badInput(
                "\(file) is a plan, which is not planned again: leave the planning options out, or give the topology file"
            )
        }
        return try plan(bytes, file: file)
    }

    /// Reads a plan.
    static func plan(_ file: String) throws(CommandError) -> Plan {
        try plan(InputFile.read(file), file: file)
    }

    private static func plan(_ bytes: [UInt8], file: String) throws(CommandError) -> Plan {
        do {
            return try JSONDecoder().decode(Plan.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .badInput("\(file): not a plan of 'xylem plan --format json': \(reason(error))")
        } catch {
            throw .badInput("\(file): not JSON")
        }
    }

    /// Whether a file is meant as a plan: of the JSON files, that which has a list of trees. Topologies can be JSON, too.
    private static func isPlan(_ bytes: [UInt8], file: String) -> Bool {
        guard !file.hasSuffix(".plan") else { return true }
        guard file.hasSuffix(".json") else { return false }
        struct Outline: Decodable {
            struct Tree: Decodable {}
            var trees: [Tree]
        }
        return (try? JSONDecoder().decode(Outline.self, from: Data(bytes))) != nil
    }

    private static func topology(
        _ bytes: [UInt8],
        file: String,
        importing: ImportOptions
    ) throws(CommandError) -> Topology {
        do {
            let topology = try TopologyReader.read(bytes, file: file, options: importing)
            for note in topology.notes { Diagnostics.report("\(file): \(note)") }
            return topology
        } catch {
            throw .badInput(error.description)
        }
    }

    /// Plans a topology that was read from a file.
    static func plan(
        _ topology: Topology,
        file: String,
        options: PlanOptions,
        measured: Measurements? = nil
    ) throws(CommandError) -> Plan {
        try LocalInterfaces.check(topology, file: file)
        return try planning(file) { () throws(PlanError) in
            try Planner.plan(topology, options: options, measured: measured)
        }
    }

    /// Where in the plan, and what is wrong there.
    private static func reason(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        var missing = ""
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            context = found
            missing = "the key '\(key.stringValue)' is missing"
        @unknown default: return "it cannot be read"
        }
        let path = context.codingPath.map { key in
            key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }.joined()
        let place = path.isEmpty ? "" : "at \(path.drop { $0 == "." }) "
        return place + (missing.isEmpty ? context.debugDescription : missing)
    }
}
