using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Web;

/// <summary>Divides the file descriptors that the process may open among the program itself, HTTP and protocol connections.</summary>
internal static class DescriptorBudget
{
    /// <summary>
    /// Descriptors that no connection may use: they stay free for new threads, log files and certificates that are read again.
    /// </summary>
    public const int Spare = 64;

    /// <summary>
    /// The descriptors of the program itself. Each loaded assembly uses two: 351 are open after the start, and more once the console is in
    /// use.
    /// </summary>
    private const int Program = 448;

    /// <summary>The program does not start if it could serve fewer connections than this.</summary>
    private const int MinConnections = 64;

    /// <summary>HTTP gets at most one part in this many of the remaining descriptors.</summary>
    private const int HttpPart = 4;

    /// <summary>
    /// Why the program cannot start with the limit of this process; null if it can. Called before the program loads anything else.
    /// </summary>
    public static string? FindProblem() => DescriptorLimit.Read() is { } limit && limit < Program + Spare + MinConnections
        ? $"The process may open {limit} files and sockets, and the program needs {Program + Spare + MinConnections} at least: "
            + "raise the limit (LimitNOFILE= in a systemd unit, ulimits in a container, ulimit -n in a shell)."
        : null;

    /// <summary>The number of HTTP connections that the limit allows.</summary>
    /// <param name="wanted">The number in the settings.</param>
    public static int HttpConnections(int wanted) =>
        DescriptorLimit.Read() is { } limit ? Math.Min(wanted, Math.Max(1, (limit - Program - Spare) / HttpPart)) : wanted;

    /// <summary>The number of protocol connections that the limit allows.</summary>
    /// <param name="http">The number of HTTP connections.</param>
    public static int ProtocolConnections(int http) =>
        DescriptorLimit.Read() is { } limit ? Math.Max(1, limit - Program - Spare - http) : int.MaxValue;

    /// <summary>The limit of the process that is enough for the settings.</summary>
    public static int LimitFor(int connections, int http) => Program + Spare + Math.Max(HttpPart * http, http + connections);
}
