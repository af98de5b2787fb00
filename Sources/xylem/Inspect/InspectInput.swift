import ArgumentParser
import Captures
import Dissection
import Glibc
import Inspector

/// One source of packets, ready to be read.
struct InspectInput {
    enum Source {
        case file(CaptureFile)
        /// One capture in several files.
        case series(CaptureSeries)
        case live(LiveCapture)
    }

    let source: Source
    /// Empty for an interface.
    let files: [String]
    private let rule: PlaceRule
    /// The user named these interfaces and no others; `nil` = all.
    private(set) var chosen: Set<Int>?
    /// The user named these, each as a place of its own.
    private var separate: Set<Int> = []

    init(_ live: LiveCapture) {
        source = .live(live)
        files = []
        rule = .one
    }

    /// - Precondition: there is a file.
    init(_ files: [String], rule: PlaceRule) throws(CaptureError) {
        source =
            files.count == 1
            ? .file(try CaptureFile(files[0])) : .series(try CaptureSeries(files))
        self.files = files
        self.rule = rule
    }

    /// Takes what the user said of this input's interfaces: once for each time that it was named, `nil` for all of it.
    mutating func choose(_ interfaces: [Int?]) {
        let numbers = Set(interfaces.compactMap { $0 })
        separate = numbers
        chosen = interfaces.contains(nil) || numbers.isEmpty ? nil : numbers
    }

    var name: String {
        switch source {
        case .file(let file): file.name
        case .series(let series): series.name
        case .live(let capture): capture.name
        }
    }

    var contents: CaptureContents {
        switch source {
        case .file(let file): file.contents
        case .series(let series): series.contents
        case .live(let capture): capture.contents
        }
    }

    /// The part that was read, 0…1, where that is known.
    var progress: Double? {
        switch source {
        case .file(let file): file.progress
        case .series(let series): series.progress
        case .live: nil
        }
    }

    /// The next packet; `nil` at the end of a file, or when none came for a while.
    @inline(__always)
    func nextPacket() throws(CaptureError) -> CapturedPacket? {
        while let packet = try nextOfAll() {
            if chosen?.contains(packet.interface) ?? true { return packet }
        }
        return nil
    }

    @inline(__always)
    private func nextOfAll() throws(CaptureError) -> CapturedPacket? {
        switch source {
        case .file(let file): try file.nextPacket()
        case .series(let series): try series.nextPacket()
        case .live(let capture): try capture.nextPacket(within: Self.waitMilliseconds)
        }
    }

    var isLive: Bool {
        if case .live = source { true } else { false }
    }

    /// Which interfaces are one place. Files with several are looked at once more for this.
    func places(_ options: DissectorOptions) -> CapturePlaces {
        var places: CapturePlaces =
            switch rule {
            case .each: .each
            case .one: .one
            case .auto: survey(options)
            }
        places.separate(separate)
        return places
    }

    private func survey(_ options: DissectorOptions) -> CapturePlaces {
        // pcap has one interface, and a pipe can be read only once.
        if case .pcap = contents.format { return .one }
        guard let path = files.first, Self.isRegular(path), let file = try? CaptureFile(path)
        else { return .one }
        var survey = PlaceSurvey(options: options)
        var packetCount = 0
        while !survey.isDone, let packet = try? file.nextPacket() {
            survey.handle(packet)
            packetCount += 1
            if packetCount == Self.lookCount, file.contents.interfaces.count <= 1 { return .one }
        }
        return survey.places
    }

    private static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static let waitMilliseconds: Int32 = 100
    /// Interfaces are described in front of the first packets.
    private static let lookCount = 64
}

/// What the user says about places in general.
enum PlaceRule: String, CaseIterable, ExpressibleByArgument {
    case auto, one, each

    var joining: CapturePaths.Joining {
        switch self {
        case .auto: .found
        case .one: .all
        case .each: .none
        }
    }
}

/// A path, or one interface of a capture: `FILE#1`.
struct NamedPath: Equatable {
    var path: String
    var interface: Int?

    init(_ text: String) {
        path = text
        guard let mark = text.lastIndex(of: "#"), access(text, F_OK) != 0 else { return }
        let digits = text[text.index(after: mark)...]
        guard let number = Int(digits), number >= 0 else { return }
        interface = number
        path = String(text[..<mark])
    }
}
