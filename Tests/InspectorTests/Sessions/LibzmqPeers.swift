import Captures
import Foundation
import Inspector
import Synchronization

/// Conversations of real libzmq sockets over loopback, under a live capture.
enum LibzmqPeers {
    /// Why these tests cannot run here; `nil` when they can.
    static let obstacle: String? = {
        if !runs(["-c", "import zmq"]) {
            return "no libzmq peer; install python3-zmq (tools/setup --test)"
        }
        do throws(CaptureError) {
            _ = try LiveCapture(interface: "lo")
            return nil
        } catch {
            return "no capture of the loopback interface: \(error)"
        }
    }()

    private static let skipCount = Mutex(0)

    /// An obstacle is a loud, counted skip.
    static func check() -> Bool {
        guard let obstacle else { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): \(obstacle)")
        return false
    }

    private static func runs(_ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs the script in `mode` while capturing all TCP of loopback, and gives the report of its server's port.
    static func inspect(_ mode: String) throws -> SessionReport {
        var options = LiveCapture.Options()
        options.filter = "tcp"
        let capture = try LiveCapture(interface: "lo", options: options)
        let inspection = Inspection()
        let index = inspection.beginCapture("lo")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script, mode]
        process.standardOutput = output
        try process.run()
        var idleCount = 0
        let deadline = ContinuousClock.now + .seconds(60)
        while idleCount < 3, ContinuousClock.now < deadline {
            if let packet = try capture.nextPacket(within: 100) {
                inspection.handle(packet, of: index)
                idleCount = 0
            } else if !process.isRunning {
                idleCount += 1
            }
        }
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        guard process.terminationStatus == 0,
            let port = UInt16(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw Failure(description: "the peers ended with \(process.terminationStatus): \(text)")
        }
        let report = inspection.finish()
        guard let session = report.sessions.first(where: { $0.server.port == port }) else {
            throw Failure(description: "no connection to port \(port) was captured")
        }
        return session
    }

    /// A publisher sends 300 messages of two frames to a subscriber in the same process, and prints its port.
    private static let script = """
        import sys, time, zmq
        mode = sys.argv[1]
        context = zmq.Context()
        pub, sub = context.socket(zmq.XPUB), context.socket(zmq.SUB)
        if mode == "CURVE":
            server_public, server_secret = zmq.curve_keypair()
            client_public, client_secret = zmq.curve_keypair()
            pub.curve_server = True
            pub.curve_publickey, pub.curve_secretkey = server_public, server_secret
            sub.curve_serverkey = server_public
            sub.curve_publickey, sub.curve_secretkey = client_public, client_secret
        if mode == "heartbeat":
            sub.setsockopt(zmq.HEARTBEAT_IVL, 50)
        sub.setsockopt(zmq.SUBSCRIBE, b"wx.")
        sub.setsockopt(zmq.SUBSCRIBE, b"other")
        port = pub.bind_to_random_port("tcp://127.0.0.1")
        sub.connect("tcp://127.0.0.1:%d" % port)
        sub.rcvtimeo = 20000
        pub.rcvtimeo = 20000
        pub.recv(), pub.recv()
        sub.setsockopt(zmq.UNSUBSCRIBE, b"other")
        pub.recv()
        for number in range(300):
            pub.send_multipart([b"wx.%d" % (number % 3), b"x" * (number * 7 % 900)])
        for number in range(300):
            sub.recv_multipart()
        if mode == "heartbeat":
            time.sleep(0.5)
        sub.close()
        pub.close()
        context.term()
        print(port)
        """
}
