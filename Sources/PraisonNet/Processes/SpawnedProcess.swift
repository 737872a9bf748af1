import Glibc
import NIOCore
import NIOPosix
import PraisonCore
import Synchronization

/// A child process and the pipes to it.
final class SpawnedProcess: RunningProcess {
    private let pid: pid_t
    private let inputChannel: any Channel
    private let outputReader: PipeReader
    private let errorReader: PipeReader
    private let ending = Ending()
    /// Whether it has been told that nothing more comes.
    private let hasWholeInput = Mutex(false)

    /// Takes over our ends of the pipes.
    init(pid: pid_t, _ pipes: Pipes) async throws {
        self.pid = pid
        let group = MultiThreadedEventLoopGroup.singleton
        outputReader = PipeReader()
        errorReader = PipeReader()
        let (output, errors) = (outputReader, errorReader)
        inputChannel = try await NIOPipeBootstrap(group: group)
            .takingOwnershipOfDescriptor(output: pipes.input.writing).get()
        try await output.attach(pipes.output.reading, group)
        try await errors.attach(pipes.errors.reading, group)
        ending.watch(pid)
    }

    var output: HTTPBodyStream { outputReader.stream }
    var errors: HTTPBodyStream { errorReader.stream }

    func write(_ bytes: [UInt8]) async throws {
        do {
            try await inputChannel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        } catch {
            throw ProcessError("the program does not listen any more")
        }
    }

    func closeInput() async {
        hasWholeInput.withLock { $0 = true }
        try? await inputChannel.close().get()
    }

    func exit() async -> Int32 { await ending.status() }

    /// Asks it to end, and kills the whole group when it does not.
    func end() async {
        // One whose input ended long ago does not end because of that.
        let hadWholeInput = hasWholeInput.withLock { $0 }
        await closeInput()
        if !ending.isOver {
            // Not part of the turn any more: a turn that was stopped still has to clean up.
            await Task.detached { [pid, ending] in
                if !hadWholeInput, await ending.isOver(within: SpawnedProcesses.grace) { return }
                kill(-pid, SIGTERM)
                if await ending.isOver(within: SpawnedProcesses.grace) { return }
                kill(-pid, SIGKILL)
                _ = await ending.status()
            }.value
        }
        // What it has started and left behind.
        kill(-pid, SIGKILL)
        outputReader.close()
        errorReader.close()
    }
}

/// Waits for a child on a thread of its own, which sleeps in the kernel.
private final class Ending: Sendable {
    private struct State {
        var status: Int32?
        var waiters: [Int: CheckedContinuation<Int32?, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock { $0.status != nil } }

    func watch(_ pid: pid_t) {
        startThread(named: "child-\(pid)") { [self] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            finish(signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
        }
    }

    private func finish(_ status: Int32) {
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    /// 255 once the task is cancelled.
    func status() async -> Int32 { await wait() ?? 255 }

    func isOver(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.wait() != nil }
            group.addTask {
                try? await Task.sleep(for: limit)
                return self.isOver
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    private func wait() async -> Int32? {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Int32?? = state.withLock { state in
                    if let status = state.status { return .some(status) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume(returning: nil)
        }
    }
}

/// Reads one pipe, no further ahead than somebody listens.
private final class PipeReader: Sendable {
    private static let bufferSize = 256 << 10

    private let mailbox: Mailbox<[UInt8]>
    private let channel: ChannelBox

    init() {
        let channel = ChannelBox()
        self.channel = channel
        mailbox = Mailbox(capacity: Self.bufferSize) { channel.value?.read() }
    }

    var stream: HTTPBodyStream {
        let mailbox = mailbox
        return HTTPBodyStream { await mailbox.next() }
    }

    func attach(_ descriptor: Int32, _ group: any EventLoopGroup) async throws {
        let handler = Handler(mailbox)
        let channel = try await NIOPipeBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler) }
            }
            .takingOwnershipOfDescriptor(input: descriptor).get()
        self.channel.set(channel)
        channel.read()
    }

    func close() {
        mailbox.finish()
        channel.value?.close(promise: nil)
    }

    private final class ChannelBox: Sendable {
        private let channel = Mutex<(any Channel)?>(nil)
        var value: (any Channel)? { channel.withLock { $0 } }
        func set(_ new: any Channel) { channel.withLock { $0 = new } }
    }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let mailbox: Mailbox<[UInt8]>

        init(_ mailbox: Mailbox<[UInt8]>) { self.mailbox = mailbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            mailbox.put(bytes, weight: bytes.count)
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            if !mailbox.isFull { context.read() }
        }

        func channelInactive(context: ChannelHandlerContext) { mailbox.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
