using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>
/// Options of a client's connection pool: the number of connections, their lifetimes, and the callers that wait for them.
/// </summary>
public sealed class PoolOptions
{
    /// <summary>
    /// The number of connections that the client always keeps, 0 to 10,000. With 0 the first request makes a connection. Default 1.
    /// </summary>
    public int MinConnections { get; set; } = 1;

    /// <summary>
    /// The largest number of connections, 1 to 10,000 and at least <see cref="MinConnections"/>. A connection that is being replaced
    /// counts until its last answers have come and it is closed. Default 4.
    /// </summary>
    public int MaxConnections { get; set; } = 4;

    /// <summary>
    /// The number of requests in flight on the least loaded connection at which the client makes one more connection, 1 to 1,000,000.
    /// Default 128: few connections carry many requests.
    /// </summary>
    public int GrowAtRequests { get; set; } = 128;

    /// <summary>
    /// The largest number of callers that wait for a connection, or for a busy connection to accept one more request: 0 to 1,000,000.
    /// One more caller fails at once with <see cref="ProtocolErrorKind.PoolExhausted"/>. Default 10,000.
    /// </summary>
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>
    /// The time without a request after which a connection beyond <see cref="MinConnections"/> is closed: 1 s to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default 5 min.
    /// </summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The age at which a connection is replaced, once its requests are answered: 1 s to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default infinite.
    /// </summary>
    public TimeSpan Lifetime { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// The time that a server has to send something on a connection on which a request has timed out: 10 ms to 1 h. Until it does, the
    /// connection gets no further requests. When the time is over, the connection is closed. Default 5 s.
    /// </summary>
    public TimeSpan HealthCheckTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal PoolOptions Copy() => (PoolOptions)MemberwiseClone();

    internal void Check(OptionsCheck check)
    {
        check.Range(nameof(MinConnections), MinConnections, 0, 10_000);
        check.Range(nameof(MaxConnections), MaxConnections, Math.Max(1, MinConnections), 10_000);
        check.Range(nameof(GrowAtRequests), GrowAtRequests, 1, 1_000_000);
        check.Range(nameof(MaxWaiting), MaxWaiting, 0, 1_000_000);
        check.Timeout(nameof(IdleLifetime), IdleLifetime, TimeSpan.FromSeconds(1));
        check.Timeout(nameof(Lifetime), Lifetime, TimeSpan.FromSeconds(1));
        check.Range(nameof(HealthCheckTimeout), HealthCheckTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
    }
}
