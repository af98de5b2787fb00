import Synchronization
import ZeroMQ

/// What a socket of the shell says and hears, in the order that its type asks for.
final class Conversation: Sendable {
    private let shell: ShellSocket
    /// Before the first line is sent; `nil` = for nobody.
    private let listeners: ListenerAwait?
    private let input: LineInput
    private let message: @Sendable (ArraySlice<UInt8>) throws -> Message
    private let format: MessageFormat
    private let count: Int?
    private let output = StandardOutput()
    private let sending = Mutex(Sending())

    private struct Sending {
        /// Lines that were read to be sent.
        var lineCount = 0
        var sentCount = 0
    }

    init(
        shell: ShellSocket,
        listeners: ListenerAwait? = nil,
        input: LineInput,
        message: @escaping @Sendable (ArraySlice<UInt8>) throws -> Message,
        format: MessageFormat,
        count: Int?
    ) {
        self.shell = shell
        self.listeners = listeners
        self.input = input
        self.message = message
        self.format = format
        self.count = count
    }

    /// Whether there were lines to send, and nobody took even the first.
    var isUnheard: Bool { sending.withLock { $0.lineCount > 0 && $0.sentCount == 0 } }

    /// Why not everything could be printed; `nil` = it could.
    var failure: CommandError? { output.failure }

    /// Goes on until the input, the count or the output is over.
    @concurrent func run(echoes: Bool) async throws {
        switch (shell.send, shell.receive) {
        case (let send?, let receive?) where echoes:
            try await hear { message in
                try await send(message)
            } receive: {
                try await receive()
            }
        case (let send?, let receive?) where shell.turn == .sendsFirst:
            try await ask(send, receive)
        case (let send?, let receive?) where shell.turn == .receivesFirst:
            try await answer(send, receive)
        case (let send?, let receive?):
            try await talk(send, receive)
        case (let send?, nil):
            try await speak(send, limit: count)
        case (nil, let receive?):
            try await hear { _ in
            } receive: {
                try await receive()
            }
        case (nil, nil): break
        }
    }

    /// Prints what comes, and does something with it.
    private func hear(
        _ use: (Message) async throws -> Void,
        receive: () async throws -> Message
    ) async throws {
        var left = count ?? .max
        while left > 0 {
            let message = try await receive()
            guard show(message) else { return }
            try await use(message)
            left -= 1
        }
    }

    private func speak(
        _ send: (Message) async throws -> Void,
        limit: Int? = nil
    ) async throws {
        var left = limit ?? .max
        do {
            try await input.forEachLine { line in
                try await deliver(line, send)
                left -= 1
                if left == 0 { throw Enough() }
            }
        } catch is Enough {}
    }

    private func deliver(
        _ line: ArraySlice<UInt8>,
        _ send: (Message) async throws -> Void
    ) async throws {
        let message = try message(line)
        sending.withLock { $0.lineCount += 1 }
        try await listeners?.run()
        try await send(message)
        sending.withLock { $0.sentCount += 1 }
    }

    /// REQ: a line, its reply, the next line.
    private func ask(
        _ send: (Message) async throws -> Void,
        _ receive: () async throws -> Message
    ) async throws {
        var left = count ?? .max
        do {
            try await input.forEachLine { line in
                try await deliver(line, send)
                left -= 1
                guard show(try await receive()), left > 0 else { throw Enough() }
            }
        } catch is Enough {}
    }

    /// REP: a request, the next line.
    private func answer(
        _ send: (Message) async throws -> Void,
        _ receive: () async throws -> Message
    ) async throws {
        var left = count ?? .max
        guard show(try await receive()) else { return }
        do {
            try await input.forEachLine { line in
                try await send(message(line))
                left -= 1
                guard left > 0, show(try await receive()) else { throw Enough() }
            }
        } catch is Enough {}
    }

    /// Both ways at once. The end of the input ends nothing: the others may have more to say.
    private func talk(
        _ send: @escaping @Sendable (Message) async throws -> Void,
        _ receive: @escaping @Sendable () async throws -> Message
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.speak(send)
                return false
            }
            group.addTask {
                try await self.hear { _ in
                } receive: {
                    try await receive()
                }
                return true
            }
            while let isOver = try await group.next() {
                guard isOver else { continue }
                group.cancelAll()
                return
            }
        }
    }

    /// `false` when nobody reads the output any more.
    private func show(_ message: Message) -> Bool {
        var buffer: [UInt8] = []
        format.append(message, load: nil, delay: 0, place: nil, to: &buffer)
        return output.write(&buffer)
    }

    /// What was asked for has been done.
    private struct Enough: Error {}
}
