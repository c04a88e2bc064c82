namespace NetworkProtocol.Client;

/// <summary>Which servers a <see cref="ProtocolClient"/> talks to, and how it survives them.</summary>
public sealed class ProtocolClientOptions
{
    /// <summary>
    /// The servers, as <see cref="ServerAddress.Parse"/> reads them: 1 to 1000, equal to each other. They are tried in an order of
    /// each client's own, the next one 250 ms after the last or when that has failed, and the first that completes the handshake is used.
    /// </summary>
    public IList<string> Addresses { get; init; } = [];

    /// <summary>A name in logs, metrics and the breakers' names. Default <c>client</c>.</summary>
    public string Name { get; set; } = "client";

    /// <summary>How each connection is made, and how long it waits.</summary>
    public ConnectionOptions Connection { get; set; } = new();

    /// <summary>How a lost connection is made again.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>How many connections there are, and who waits for them.</summary>
    public PoolOptions Pool { get; set; } = new();

    /// <summary>The circuit breaker that each address has.</summary>
    public BreakerOptions Breaker { get; set; } = new();

    /// <summary>What becomes of requests while there is no connection. Default <see cref="WhenDisconnected.Wait"/>.</summary>
    public WhenDisconnected WhenDisconnected { get; set; } = WhenDisconnected.Wait;

    /// <summary>How long a request waits for a connection or a place on one, 1 ms to 24 days or infinite. Default 10 s.</summary>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a request is sent at most, the first time included, 1 to 100. More than once only those that are idempotent, and those
    /// that crossed a server's Disconnect, which it has not executed. Default 3.
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
            check.True(nameof(Addresses), ServerAddress.TryParse(address, out _), $"holds '{address}', which is none: host, host:port, [v6]:port or unix:/path");
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
