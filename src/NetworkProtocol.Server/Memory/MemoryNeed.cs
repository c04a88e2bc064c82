namespace NetworkProtocol.Server.Memory;

/// <summary>
/// The memory that the server needs in the worst case: for its connections, the budget for large packets, and the program.
/// </summary>
internal static class MemoryNeed
{
    /// <summary>
    /// The most bytes that a connection takes beyond what is charged to the budget, when its client does not read. Over TLS these are the
    /// connection's buffers and those of SslStream and OpenSSL; with the secure handshake 128 KiB, and 256 KiB for the nonces of its last
    /// messages.
    /// </summary>
    public const long PerConnection = 384 * 1024;

    /// <summary>The bytes of the program without connections.</summary>
    public const long Program = 192L * 1024 * 1024;

    /// <summary>The bytes that the server may need with these settings.</summary>
    public static long Of(ServerOptions options) => Program + (options.MaxConnections * PerConnection) + options.MaxBufferedBytes;
}
