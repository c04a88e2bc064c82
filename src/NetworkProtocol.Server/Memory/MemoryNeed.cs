namespace NetworkProtocol.Server.Memory;

/// <summary>What the server needs in the worst case: each connection its most, the budget for large packets, and the program itself.</summary>
internal static class MemoryNeed
{
    /// <summary>
    /// Bytes that a connection costs at most beyond what is charged to the budget, with a client that does not read: over TLS for its buffers
    /// and those of SslStream and OpenSSL; with the secure handshake 128 KiB, and 256 KiB for the nonces of its last messages.
    /// </summary>
    public const long PerConnection = 384 * 1024;

    /// <summary>Bytes of the program with no connection.</summary>
    public const long Program = 192L * 1024 * 1024;

    /// <summary>The bytes that these settings may come to need.</summary>
    public static long Of(ServerOptions options) => Program + (options.MaxConnections * PerConnection) + options.MaxBufferedBytes;
}
