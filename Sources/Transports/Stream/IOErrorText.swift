import Glibc
package import NIOCore

extension IOError {
    /// What went wrong, and what to do about it.
    package var explanation: String {
        switch errnoCode {
        case EADDRINUSE:
            "the address is in use; stop the other program or choose another port"
        case EADDRNOTAVAIL:
            "this machine has no such address; * means every interface"
        case EACCES:
            "permission denied; ports below 1024 and other users' directories need more rights"
        case EMFILE, ENFILE:
            "too many open files; raise the limit with ulimit -n"
        case ENOENT:
            "there is no such file: nobody listens at it yet, or its directory does not exist"
        default:
            String(cString: strerror(errnoCode))
        }
    }
}
