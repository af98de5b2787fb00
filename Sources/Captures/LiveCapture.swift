import CPcap
public import Dissection
import Glibc

/// Packets of a live interface, through libpcap.
public final class LiveCapture {
    public struct Options: Sendable {
        /// libpcap's language: `udp port 5555 or igmp`; `nil` takes everything.
        public var filter: String?
        /// Also what is not for this machine. Multicast of groups that nobody here joined is such.
        public var isPromiscuous = true
        public var snapLength = 262_144
        /// What the kernel keeps while we are busy.
        public var bufferByteCount = 16 << 20

        public init() {}
    }

    public let name: String
    public private(set) var contents = CaptureContents()

    private let handle: OpaquePointer
    private let descriptor: Int32
    private let linkType: LinkType
    private let nanosecondsPerTick: Int64

    /// - Throws: With what to do about it: no such interface, no permission, a filter that makes no sense.
    public init(interface: String, options: Options = Options()) throws(CaptureError) {
        name = interface
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(interface, &buffer) else {
            throw CaptureError(source: interface, problem: Self.text(buffer))
        }
        do throws(CaptureError) {
            nanosecondsPerTick = try Self.activate(handle, interface, options)
            if let filter = options.filter { try Self.setFilter(filter, on: handle) }
            guard pcap_setnonblock(handle, 1, &buffer) == 0 else {
                throw CaptureError(source: interface, problem: Self.text(buffer))
            }
        } catch {
            pcap_close(handle)
            throw error
        }
        self.handle = handle
        descriptor = pcap_get_selectable_fd(handle)
        linkType = LinkType(rawValue: UInt32(bitPattern: Self.fileLinkType(pcap_datalink(handle))))
        contents.begin(live: interface, linkType, snapLength: options.snapLength, options.filter)
    }

    deinit { pcap_close(handle) }

    /// The next packet, or `nil` when none came in that time. Its octets are valid until the next call.
    public func nextPacket(within milliseconds: Int32) throws(CaptureError) -> CapturedPacket? {
        if let packet = try waitingPacket() { return packet }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // A signal ends the wait early: that is a reason to look up, not an error.
        guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return nil }
        return try waitingPacket()
    }

    /// Reads the kernel's counters into `contents`.
    public func updateDrops() {
        var statistics = pcap_stat()
        guard pcap_stats(handle, &statistics) == 0 else { return }
        contents.setDrops(
            CaptureDrops(
                kernel: Int(statistics.ps_drop),
                interface: Int(statistics.ps_ifdrop)
            )
        )
    }

    private func waitingPacket() throws(CaptureError) -> CapturedPacket? {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var octets: UnsafePointer<UInt8>?
        switch pcap_next_ex(handle, &header, &octets) {
        case 1:
            guard let header = header?.pointee else { return nil }
            return contents.packet(
                seconds: Int64(header.ts.tv_sec),
                nanoseconds: Int64(header.ts.tv_usec) * nanosecondsPerTick,
                linkType: linkType,
                originalByteCount: Int(header.len),
                bytes: UnsafeRawBufferPointer(start: octets, count: Int(header.caplen))
            )
        case 0, Int32(PCAP_ERROR_BREAK): return nil
        default:
            throw CaptureError(source: name, problem: String(cString: pcap_geterr(handle)))
        }
    }
}

// MARK: - Opening

extension LiveCapture {
    /// The interfaces of this machine that a capture can be made of.
    public static func interfaceNames() -> [String] {
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        var first: UnsafeMutablePointer<pcap_if_t>?
        guard pcap_findalldevs(&first, &buffer) == 0 else { return [] }
        defer { pcap_freealldevs(first) }
        var names: [String] = []
        var next = first
        while let interface = next?.pointee {
            if let name = interface.name { names.append(String(cString: name)) }
            next = interface.next
        }
        return names
    }

    /// Gives the nanoseconds of a tick of its time stamps.
    private static func activate(
        _ handle: OpaquePointer,
        _ interface: String,
        _ options: Options
    ) throws(CaptureError) -> Int64 {
        pcap_set_snaplen(handle, Int32(clamping: options.snapLength))
        pcap_set_promisc(handle, options.isPromiscuous ? 1 : 0)
        pcap_set_timeout(handle, 50)
        pcap_set_buffer_size(handle, Int32(clamping: options.bufferByteCount))
        let hasNanoseconds =
            pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO) == 0
        let status = pcap_activate(handle)
        guard status < 0 else { return hasNanoseconds ? 1 : 1_000 }
        throw CaptureError(
            source: interface,
            problem: problem(status, String(cString: pcap_geterr(handle)))
        )
    }

    private static func problem(_ status: Int32, _ text: String) -> String {
        switch status {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            let names = interfaceNames()
            return "no such interface; there are: "
                + (names.isEmpty ? "none that this user may see" : names.joined(separator: ", "))
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            return "capturing is not permitted; run it as root, or give the program the right:"
                + " setcap cap_net_raw,cap_net_admin+ep FILE"
        case PCAP_ERROR_IFACE_NOT_UP: return "the interface is down; ip link set NAME up"
        default:
            return text.isEmpty ? String(cString: pcap_statustostr(status)) : text
        }
    }

    private static func setFilter(
        _ filter: String,
        on handle: OpaquePointer
    ) throws(CaptureError) {
        var program = bpf_program()
        guard pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw CaptureError(
                source: "capture filter “\(filter)”",
                problem: String(cString: pcap_geterr(handle)) + "; see pcap-filter(7)"
            )
        }
        defer { pcap_freecode(&program) }
        guard pcap_setfilter(handle, &program) == 0 else {
            throw CaptureError(
                source: "capture filter “\(filter)”",
                problem: String(cString: pcap_geterr(handle))
            )
        }
    }

    /// libpcap's own number of a link type to that of files; they differ for raw IP only, among those that are read.
    private static func fileLinkType(_ number: Int32) -> Int32 {
        number == DLT_RAW ? Int32(LinkType.raw.rawValue) : number
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
