namespace NetworkProtocol.Server.Limits;

/// <summary>What the server needs in the worst case: each connection its most, the budget for large packets, and the program itself.</summary>
internal static class MemoryNeed
{
    /// <summary>Bytes that a TLS connection costs at most beyond what is charged to the budget: with a client that does not read.</summary>
    public const long TlsConnection = 256 * 1024;

    /// <summary>The same with the secure handshake: 128 KiB for such a client, 256 KiB for the nonces of its last messages.</summary>
    public const long SecureConnection = 384 * 1024;

    /// <summary>Bytes of the program with no connection.</summary>
    public const long Program = 192L * 1024 * 1024;

    /// <summary>The bytes that these settings may come to need.</summary>
    public static long Of(ServerOptions options)
    {
        var connection = options.Tls.Mode is TlsMode.Optional or TlsMode.Disabled ? SecureConnection : TlsConnection;
        return Program + (options.MaxConnections * connection) + options.MaxBufferedBytes;
    }
}
