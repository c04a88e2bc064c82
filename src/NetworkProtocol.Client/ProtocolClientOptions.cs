using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>Options of a <see cref="ProtocolClient"/>: its servers, its connections, and what it does when they fail.</summary>
public sealed class ProtocolClientOptions
{
    /// <summary>
    /// The servers, in the form that <see cref="ServerAddress.Parse"/> reads: 1 to 1000. All are equal. Each client tries them in a
    /// random order of its own: the next attempt starts 250 ms after the one before, or when that one has failed, and the client uses
    /// the first server that completes the handshake.
    /// </summary>
    public IList<string> Addresses { get; init; } = [];

    /// <summary>The client's name in logs, in metrics and in the names of its circuit breakers. Default <c>client</c>.</summary>
    public string Name { get; set; } = "client";

    /// <summary>Options of each connection.</summary>
    public ConnectionOptions Connection { get; set; } = new();

    /// <summary>The waits before the client connects again.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>The number of connections, their lifetimes, and the callers that wait for them.</summary>
    public PoolOptions Pool { get; set; } = new();

    /// <summary>Options of the circuit breakers. Each address has one.</summary>
    public BreakerOptions Breaker { get; set; } = new();

    /// <summary>What the client does with requests while it has no connection. Default <see cref="WhenDisconnected.Wait"/>.</summary>
    public WhenDisconnected WhenDisconnected { get; set; } = WhenDisconnected.Wait;

    /// <summary>
    /// The longest time that a request waits for a connection, or for a busy connection to accept it: 1 ms to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default 10 s.
    /// </summary>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The largest number of times that the client sends a request, including the first time: 1 to 100. The client only repeats requests
    /// that are <see cref="RequestOptions.Idempotent"/>, and requests that crossed a server's Disconnect, because the server has not
    /// executed those. Default 3.
    /// </summary>
    public int MaxSends { get; set; } = 3;

    internal ProtocolClientOptions Copy()
    {
        var copy = new ProtocolClientOptions
        {
            Addresses = [.. Addresses],
            Name = Name,
            Connection = Connection.Copy(),
            Reconnect = Reconnect.Copy(),
            Pool = Pool.Copy(),
            Breaker = Breaker.Copy(),
            WhenDisconnected = WhenDisconnected,
            WaitTimeout = WaitTimeout,
            MaxSends = MaxSends,
        };
        return copy;
    }

    internal void Check(OptionsCheck check)
    {
        check.True(nameof(Addresses), Addresses is { Count: >= 1 and <= 1000 }, $"has {Addresses?.Count ?? 0} entries and needs 1 to 1000");
        foreach (var address in Addresses ?? [])
        {
            check.True(
                nameof(Addresses),
                ServerAddress.TryParse(address, out _),
                $"has '{address}', which is not an address: host, host:port, [v6]:port or unix:/path");
        }

        check.True(nameof(Name), !string.IsNullOrEmpty(Name), "must not be empty");
        check.Defined(nameof(WhenDisconnected), WhenDisconnected);
        check.Timeout(nameof(WaitTimeout), WaitTimeout, TimeSpan.FromMilliseconds(1));
        check.Range(nameof(MaxSends), MaxSends, 1, 100);
        check.Part(nameof(Connection), Connection, static (part, within) => part.Check(within));
        check.Part(nameof(Reconnect), Reconnect, static (part, within) => part.Check(within));
        check.Part(nameof(Pool), Pool, static (part, within) => part.Check(within));
        check.Part(nameof(Breaker), Breaker, static (part, within) => part.Check(within));
    }
}
