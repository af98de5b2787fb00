/// Which Xylem this is: what `xylem --version` prints, and every relay's status tells.
package enum XylemVersion {
    package static let current = "0.9.0"
}
