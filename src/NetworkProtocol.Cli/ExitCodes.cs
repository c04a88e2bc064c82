namespace NetworkProtocol.Cli;

/// <summary>Exit codes, which scripts check.</summary>
internal static class ExitCodes
{
    /// <summary>It was done.</summary>
    public const int Good = 0;

    /// <summary>The server or the connection failed, or the server refused it.</summary>
    public const int Failed = 1;

    /// <summary>The arguments are wrong.</summary>
    public const int Usage = 2;
}
