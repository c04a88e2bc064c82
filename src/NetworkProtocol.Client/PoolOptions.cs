namespace NetworkProtocol.Client;

/// <summary>How many connections a client keeps, and who waits when they are busy.</summary>
public sealed class PoolOptions
{
    /// <summary>Connections that are always there, 0 to 10,000; with 0 the first request makes one. Default 1.</summary>
    public int MinConnections { get; set; } = 1;

    /// <summary>
    /// Connections at most, 1 to 10,000 and not below <see cref="MinConnections"/>; one that is to be replaced and waits for its last
    /// answers counts still. Default 4.
    /// </summary>
    public int MaxConnections { get; set; } = 4;

    /// <summary>
    /// Requests in flight on the least loaded connection from which one more is made, 1 to 1,000,000. Default 128: few connections
    /// carry many requests.
    /// </summary>
    public int GrowAtRequests { get; set; } = 128;

    /// <summary>Callers that may wait for a connection or a place on one, 0 to 1,000,000; one more fails at once. Default 10,000.</summary>
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>A connection beyond <see cref="MinConnections"/> is closed after so long without a request, 1 s to 24 days or infinite. Default 5 min.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection is replaced after so long, once its requests are answered: 1 s to 24 days or infinite. Default infinite.</summary>
    public TimeSpan Lifetime { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// A connection on which a request has timed out gets no further ones until the server has said something on it, and is given up if
    /// that takes longer than this: 10 ms to 1 h. Default 5 s.
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
