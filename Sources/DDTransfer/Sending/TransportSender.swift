public import DDCore

/// Puts files over all the transports that there are. One per worker thread.
public enum TransportSender {
    /// A sender to a folder, given by its URL, decoded, with its final `/`.
    public static func make(_ destination: String, _ options: TransferOptions) -> any Sender {
        destination.lowercased().hasPrefix("file:") ? FileSender(destination) : CurlSender(destination, options)
    }
}
