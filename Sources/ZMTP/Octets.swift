extension ArraySlice<UInt8> {
    /// Calls `body` with the octets where they lie; the standard library's own call loses the type of what is thrown.
    func withOctets<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome = withUnsafeBytes { octets in
            do throws(Failure) {
                return Swift.Result<Result, Failure>.success(try body(octets))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
