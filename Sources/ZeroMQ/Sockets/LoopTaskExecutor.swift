import NIOCore

/// Runs tasks on an event loop.
final class LoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Also on the loop itself never at once: a task that yields lets the loop look at its connections.
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
