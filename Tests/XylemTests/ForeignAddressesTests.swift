import Testing
import Topology
import TreeBuilder

@testable import xylem

/// Which nodes of a plan can run on a machine.
@Suite struct ForeignAddressesTests {
    private static func plan(isAddressed: Bool = true) throws -> Plan {
        let text = """
            nodes:
              oslo: {label: Oslo, publishers: "tcp://10.9.0.1:1", subscribers: "tcp://10.9.0.1:2", control: "10.9.0.1:3"}
              rome: {publishers: "tcp://rome:1", subscribers: "tcp://[fd00::9]:2"}
              here: {\(isAddressed ? "publishers: \"tcp://10.9.0.3:1\", subscribers: \"tcp://10.9.0.3:2\"" : "")}
            links: [[oslo, rome, 1ms], [rome, here, 1ms]]
            """
        return try Planner.plan(try TopologyReader.read(text, file: "net.yaml"))
    }

    @Test func `every address of another machine is named, with its node`() throws {
        let foreign = ForeignAddresses(try Self.plan()) { $0 == "10.9.0.3" || $0 == "rome" }
        #expect(
            foreign.rows == [
                .init(name: "oslo Oslo", hosts: ["10.9.0.1"]),
                .init(name: "rome", hosts: ["fd00::9"]),
            ]
        )
        #expect(foreign.localNodes == ["here"])
        let text = try #require(foreign.refusal(file: "net.yaml", ownAddresses: ["10.9.0.3 (e)"]))
        #expect(text.contains("2 of 3 nodes"))
        #expect(text.contains("  oslo Oslo: 10.9.0.1\n"))
        #expect(text.contains("xylem node --plan plan.json --name oslo\n"))
        #expect(text.contains("xylem up net.yaml --only here\n"))
        #expect(text.contains("This machine has 10.9.0.3 (e)."))
    }

    @Test func `nothing is refused when all is here, or nowhere yet`() throws {
        let plan = try Self.plan()
        let here = ForeignAddresses(plan) { _ in true }
        #expect(here.refusal(file: "", ownAddresses: []) == nil)
        let nowhere = ForeignAddresses(plan.withoutAddresses) { _ in false }
        #expect(nowhere.refusal(file: "", ownAddresses: []) == nil)
    }

    @Test func `a part is offered only where every node has its addresses`() throws {
        let foreign = ForeignAddresses(try Self.plan(isAddressed: false)) { _ in false }
        #expect(foreign.localNodes == ["here"])
        let text = try #require(foreign.refusal(file: "net.yaml", ownAddresses: []))
        #expect(!text.contains("--only"))
        #expect(throws: CommandError.self) {
            try Self.plan(isAddressed: false).requireAddresses()
        }
        try Self.plan().requireAddresses()
    }

    @Test func `what this machine can listen at is asked of the kernel`() {
        #expect(OwnAddresses.contains("127.0.0.1"))
        #expect(OwnAddresses.contains("localhost"))
        #expect(OwnAddresses.contains("lo"))
        #expect(!OwnAddresses.contains("nobody.invalid"))
        #expect(OwnAddresses.all().contains("127.0.0.1 (lo)"))
    }
}
