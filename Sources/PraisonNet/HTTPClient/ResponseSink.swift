import PraisonCore

/// Where a transfer puts the response. Called on the loop's thread, one call at a time.
protocol ResponseSink: AnyObject, Sendable {
    /// Whether there may be no room for a while.
    var mayBeFull: Bool { get }
    /// The final head is there.
    func begin(status: Int, headers: HTTPHeaders)
    /// - Returns: `false` when there is no room; the same bytes are offered again once the transfer is resumed.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool
    /// Nothing more comes. The last call.
    func end(_ error: HTTPError?)
}
