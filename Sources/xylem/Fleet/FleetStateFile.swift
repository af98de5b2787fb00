import Foundation
import Glibc

/// Where a fleet's state is kept, and how it is found again.
///
///     $XDG_RUNTIME_DIR/xylem/quickstart-1b2c3d4e.json        the state; /tmp/xylem-UID without XDG_RUNTIME_DIR
///                            quickstart-1b2c3d4e.json.lock   held by `xylem up` as long as it lives
///                            quickstart-1b2c3d4e.json.plan   what the nodes were started with
///
/// The lock says whether the fleet is supervised: it goes with its process, however that ends, so a state file that
/// nobody's lock guards is a leftover.
struct FleetStateFile: Equatable, Sendable {
    var path: String

    var lockPath: String { path + ".lock" }
    var planPath: String { path + ".plan" }

    init(path: String) {
        self.path = path
    }

    /// The file that a user named. Others read it again, and its lock and plan lie beside it, so it is a regular file, or
    /// will be; a symbolic link means what it leads to.
    init(named path: String) throws(CommandError) {
        do throws(SystemError) {
            guard case .regular(let path) = try OutputPlace(path) else {
                throw SystemError(number: EINVAL)
            }
            self.path = path
        } catch let error where error.number == EINVAL {
            throw .badInput(
                "--state \(path): a state file is read by other commands and kept up to date, so it must be a regular file"
            )
        } catch {
            throw .badInput("--state \(path): \(error)")
        }
    }

    /// The default place for a fleet of that topology file. The number tells files of one name in two folders apart.
    init(topologyFile: String, directory: String = Self.defaultDirectory) {
        let url = URL(filePath: topologyFile).standardizedFileURL.resolvingSymlinksInPath()
        let stem = url.deletingPathExtension().lastPathComponent
        // FNV-1a: the same in every process, unlike Swift's own hashes.
        let hash = url.path.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        let number = String(repeating: "0", count: 8 - digits.count) + digits
        path = "\(directory)/\(stem)-\(number).json"
    }

    static var defaultDirectory: String {
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        return runtime.hasPrefix("/") ? "\(runtime)/xylem" : "/tmp/xylem-\(getuid())"
    }

    /// Whether an `xylem up` that keeps this file is alive.
    var isSupervised: Bool { FleetLock.isHeld(at: lockPath) }

    /// The fleet's state; `nil` when there is no file.
    func read() throws(CommandError) -> FleetState? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(FleetState.self, from: data)
        } catch {
            throw .badInput("\(path) is not a state file of 'xylem up'")
        }
    }

    /// Replaces the file as a whole: a reader sees the old state or the new one.
    func write(_ state: FleetState) throws(CommandError) {
        try OutputFile.write(Output.json(state, isPretty: true), to: path)
    }

    /// Takes the state and its plan away, when the fleet has ended.
    func remove() {
        unlink(path)
        unlink(planPath)
    }

    /// Makes the folder of the file; the default one is for its owner only.
    func makeDirectory() throws(CommandError) {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        var status = stat()
        if stat(directory, &status) != 0 {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw .badInput("cannot make the folder \(directory) for the state file")
            }
        } else if directory == Self.defaultDirectory, status.st_uid != getuid() {
            throw .badInput("\(directory) belongs to somebody else; use --state FILE")
        }
    }
}

// MARK: - Finding a running fleet

extension FleetStateFile {
    /// The running fleet a person means: that of a state file, that of a topology file, or the only one there is.
    static func running(
        state: String?,
        topologyFile: String?
    ) throws(CommandError) -> (file: FleetStateFile, state: FleetState) {
        let file = try chosen(state: state, topologyFile: topologyFile)
        guard let fleet = try file.read() else {
            let remedy =
                "; start one with 'xylem up FILE', or say --plan FILE if its nodes were started one by one"
            // A file that a user named and that is not there is no fleet that has ended.
            if let state { throw .badInput("there is no state file \(state)" + remedy) }
            guard let topologyFile else { throw .failure("the fleet has just ended" + remedy) }
            guard access(topologyFile, F_OK) == 0 else {
                throw .badInput("\(topologyFile): \(SystemError.last)")
            }
            throw .failure("no fleet of \(topologyFile) is running" + remedy)
        }
        guard file.isSupervised else {
            throw .failure(
                "the fleet '\(fleet.name)' of \(file.path) has ended; start it with 'xylem up \(fleet.topologyFile)'"
            )
        }
        return (file, fleet)
    }

    private static func chosen(
        state: String?,
        topologyFile: String?
    ) throws(CommandError) -> FleetStateFile {
        if let state { return try FleetStateFile(named: state) }
        if let topologyFile { return FleetStateFile(topologyFile: topologyFile) }
        let running = allRunning(in: defaultDirectory)
        guard let only = running.first else {
            throw .failure(
                "no fleet is running here; start one with 'xylem up FILE', or say --state FILE"
            )
        }
        guard running.count == 1 else {
            let list = FleetChoice.list(try FleetChoice(state: nil, plan: nil).candidates)
            throw .badInput("\(running.count) fleets are running; say which:\(list)")
        }
        return only
    }

    /// The state files in a folder whose fleet is supervised, by name.
    static func allRunning(in directory: String) -> [FleetStateFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted()
            .map { FleetStateFile(path: "\(directory)/\($0)") }
            .filter(\.isSupervised)
    }
}
