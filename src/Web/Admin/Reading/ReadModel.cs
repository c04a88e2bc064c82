using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Everything that console, API and command line show: read from the server's own objects when it is asked for, kept nowhere else.</summary>
internal sealed class ReadModel(
    ConnectionRegistry registry,
    ServerMetrics metrics,
    ServerState state,
    ErrorLog errors,
    BanList bans,
    Drain drain,
    BreakerBoard breakers,
    ApiTokens tokens,
    Sampler sampler,
    IServiceProvider services,
    IOptions<ServerOptions> options,
    TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>The columns that open connections may be sorted by.</summary>
    public static IReadOnlyDictionary<string, Func<Connection, IComparable?>> ConnectionColumns { get; } = new Dictionary<string, Func<Connection, IComparable?>>
    {
        ["id"] = c => c.Id,
        ["peer"] = c => Rows.Peer(c.RemoteEndPoint),
        ["identity"] = c => Rows.Identity(c.Identity),
        ["transport"] = c => c.Transport,
        ["state"] = c => c.State,
        ["command"] = c => c.LastCommand,
        ["ageSeconds"] = c => c.Age,
        ["idleSeconds"] = c => c.Idle,
        ["roundTripMilliseconds"] = c => c.RoundTripTime,
        ["messagesReceived"] = c => c.MessagesReceived,
        ["messagesSent"] = c => c.MessagesSent,
        ["bytesReceived"] = c => c.BytesReceived,
        ["bytesSent"] = c => c.BytesSent,
    };

    /// <summary>The columns that closed connections may be sorted by.</summary>
    public static IReadOnlyDictionary<string, Func<ClosedConnection, IComparable?>> ClosedColumns { get; } = new Dictionary<string, Func<ClosedConnection, IComparable?>>
    {
        ["id"] = c => c.Id,
        ["peer"] = c => Rows.Peer(c.RemoteEndPoint),
        ["identity"] = c => Rows.Identity(c.Identity),
        ["transport"] = c => c.Transport,
        ["reason"] = c => c.Reason.ToName(),
        ["command"] = c => c.LastCommand,
        ["closedAt"] = c => c.ClosedAt,
        ["ageSeconds"] = c => c.ClosedAt - c.ConnectedAt,
        ["messagesReceived"] = c => c.MessagesReceived,
        ["messagesSent"] = c => c.MessagesSent,
        ["bytesReceived"] = c => c.BytesReceived,
        ["bytesSent"] = c => c.BytesSent,
    };

    /// <summary>The id of this node.</summary>
    public string Node => state.NodeId;

    public Status Status()
    {
        var counts = metrics.Read();
        return new Status(
            state.NodeId, State(), ProgramVersion.Text, _startedAt,
            counts.Active, options.Value.MaxConnections, counts.Connections, counts.Rejected,
            counts.HandshakesGood, counts.HandshakesRefused, counts.MessagesReceived, counts.MessagesSent, counts.BytesReceived, counts.BytesSent,
            counts.Errors, sampler.Rates,
            [.. breakers.All.Where(breaker => breaker.State != BreakerState.Closed).Select(breaker => breaker.Name)],
            Stores().Select(store => (int?)Rows.DaysLeft(store, time.GetUtcNow())).Min(),
            Math.Round(Environment.WorkingSet / 1048576.0, 1), Rows.Of(drain.Status));
    }

    public PageOf<ConnectionRow> Connections(ConnectionFilter filter, Paging paging) =>
        (paging.Sort is null ? paging with { Sort = "id" } : paging)
            .Take(registry.Open.Where(filter.Matches).ToArray(), ConnectionColumns, c => Rows.Of(c, state.NodeId));

    /// <summary>How many open connections a ban would end.</summary>
    public int CountConnections(BanTarget target) => registry.Open.Count(target.Concerns);

    public int CountConnections(ConnectionFilter filter) => registry.Open.Count(filter.Matches);

    /// <summary>A connection with all that is known of it; null if it is not open here.</summary>
    public ConnectionDetail? Connection(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Find(key.Id) is { } connection ? Rows.DetailOf(connection, key.Node, time) : null;

    /// <summary>A connection that ended, if it is remembered here.</summary>
    public ClosedRow? ClosedConnection(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Closed.LastOrDefault(connection => connection.Id == key.Id) is { } closed
            ? Rows.Of(closed, key.Node)
            : null;

    public PageOf<ClosedRow> Closed(ConnectionFilter filter, Paging paging) =>
        paging.Take(registry.Closed.Where(filter.Matches).Reverse().ToArray(), ClosedColumns, c => Rows.Of(c, state.NodeId));

    public PageOf<ErrorRow> Errors(ErrorFilter filter, Paging paging) =>
        paging.Take(errors.Recent.Where(filter.Matches).Reverse().ToArray(), ErrorFilter.Columns, error => Rows.Of(error, state.NodeId));

    /// <summary>What is wrong with a filter of errors, and what would be right; null if nothing is.</summary>
    public string? Check(ErrorFilter filter) => filter.Check(errors.Kinds, state.NodeId);

    public IReadOnlyList<ErrorKindRow> ErrorKinds() =>
    [
        .. errors.Recent.GroupBy(error => error.Kind).Select(group => new ErrorKindRow(group.Key, group.Count(), group.Last().At))
            .OrderByDescending(kind => kind.Count),
    ];

    public IReadOnlyList<BreakerRow> Breakers() => [.. breakers.All.OrderBy(breaker => breaker.Name, StringComparer.Ordinal).Select(Rows.Of)];

    public IReadOnlyList<BanRow> Bans() => [.. bans.Bans.Reverse().Select(Rows.Of)];

    public IReadOnlyList<CertificateRow> Certificates() => [.. Stores().Select(store => Rows.Of(store, store.Certificate!, time.GetUtcNow()))];

    public DrainRow Drain() => Rows.Of(drain.Status);

    public IReadOnlyList<TokenRow> Tokens() => [.. tokens.All.Select(token => new TokenRow(
        token.Name, token.Role, token.CreatedBy, token.CreatedAt, token.ExpiresAt, token.ExpiresAt <= time.GetUtcNow(), tokens.IsProvisioned(token.Name)))];

    public string State() => state.Phase switch
    {
        ServerPhase.Serving => registry.IsFull ? "full" : "ready",
        var phase => Rows.Name(phase),
    };

    private IEnumerable<CertificateStore> Stores() =>
        services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey).Where(store => store.Certificate is not null).OrderBy(store => store.Name == "server" ? 0 : 1);
}

/// <summary>The version that runs.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
