import Glibc

/// SIGHUP, which the kernel sends when a terminal is closed or a remote session ends.
enum HangUp {
    /// Goes on without the terminal, as daemons do, from now on; so do the processes we start.
    static func ignore() {
        signal(SIGHUP, SIG_IGN)
    }
}
