using NetworkProtocol.Packets;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Commands;

/// <summary>The options of one command, which its conventions set when the server starts. The conventions of groups come first.</summary>
public sealed class CommandOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    internal CommandOptions(string name, IServiceProvider services)
    {
        Name = name;
        Services = services;
    }

    /// <summary>The command's name.</summary>
    public string Name { get; }

    /// <summary>The program's services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>How long a handler may take, up to a day; null for <see cref="ServerOptions.RequestTimeout"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public TimeSpan? Timeout { get; set => field = value is { } timeout ? CheckTimeout(timeout) : null; }

    /// <summary>The largest payload in bytes; null for <see cref="ServerOptions.MaxPayloadBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, or more than a packet can carry.</exception>
    public int? MaxPayloadBytes { get; set => field = value is { } bytes ? CheckMaxPayload(bytes) : null; }

    /// <summary>How many handlers run at once over all connections; null for any number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? Concurrency { get; set => field = value is { } handlers ? CheckConcurrency(handlers) : null; }

    /// <summary>
    /// The name of the <see cref="LocalEndpoint"/> that alone serves the command; null for the server's own endpoints.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// The requirements that a client must meet. Each function returns what the client lacks, as "needs a client certificate", or null. The
    /// client may send the command if all of them return null.
    /// </summary>
    public IList<Func<ClientIdentity, string?>> Requirements { get; } = [];

    /// <summary>The filters before the handler, the outermost first.</summary>
    public IList<ICommandFilter> Filters { get; } = [];

    /// <summary>The objects that filters and handlers read in <see cref="CommandContext.Metadata"/>.</summary>
    public IList<object> Metadata { get; } = [];

    internal static TimeSpan CheckTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestTimeout);
        return timeout;
    }

    internal static int CheckMaxPayload(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, PacketHeader.MaxPayloadLength);
        return bytes;
    }

    internal static int CheckConcurrency(int handlers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(handlers, 1);
        return handlers;
    }
}
