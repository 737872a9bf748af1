import CCurl
import Glibc

/// Starts a thread on which no signal is delivered: they belong to the main thread, and a SIGPIPE from OpenSSL's
/// `write` to nobody. Threads that it starts in turn, as libcurl's resolver does, inherit that.
///
/// - Parameter name: at most 15 characters, for debuggers and `top -H`.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Box {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
    }
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(name, body))
    let code = pthread_create(
        &thread, &attributes,
        { context in
            guard let context else { return nil }
            let box = Unmanaged<Box>.fromOpaque(context).takeRetainedValue()
            praison_thread_set_name(box.name)
            box.body()
            return nil
        }, box.toOpaque())
    precondition(code == 0, "no thread left for \(name)")
}
