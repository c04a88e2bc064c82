namespace NetworkProtocol.Admin;

/// <summary>
/// Everything that a node shows: to the console, to the API and to <c>netproto</c>. Each method can throw <see cref="NodeException"/>: a filter or
/// a page is wrong, there is no such object, or the node cannot be reached.
/// </summary>
public interface INodeView
{
    /// <summary>The node in numbers.</summary>
    Task<Status> StatusAsync(CancellationToken cancellationToken = default);

    /// <summary>The charts' points.</summary>
    Task<Series> SeriesAsync(SeriesRange range, CancellationToken cancellationToken = default);

    /// <summary>Open connections.</summary>
    Task<PageOf<ConnectionRow>> ConnectionsAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>One open connection with all details.</summary>
    /// <param name="key">Its key, as <c>node-1/42</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ConnectionDetail> ConnectionAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>The last 10,000 closed connections, the newest first.</summary>
    Task<PageOf<ClosedRow>> ClosedAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>The last 10,000 errors, the newest first.</summary>
    Task<PageOf<ErrorRow>> ErrorsAsync(ErrorFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>How many of the last 10,000 errors are of each kind.</summary>
    Task<IReadOnlyList<ErrorKindRow>> ErrorKindsAsync(CancellationToken cancellationToken = default);

    /// <summary>The circuit breakers.</summary>
    Task<IReadOnlyList<BreakerRow>> BreakersAsync(CancellationToken cancellationToken = default);

    /// <summary>The bans, the newest first.</summary>
    Task<IReadOnlyList<BanRow>> BansAsync(CancellationToken cancellationToken = default);

    /// <summary>The certificates in use.</summary>
    Task<IReadOnlyList<CertificateRow>> CertificatesAsync(CancellationToken cancellationToken = default);

    /// <summary>How far a drain is.</summary>
    Task<DrainRow> DrainAsync(CancellationToken cancellationToken = default);

    /// <summary>The settings in effect; secrets are hidden.</summary>
    Task<IReadOnlyList<SettingRow>> ConfigurationAsync(CancellationToken cancellationToken = default);

    /// <summary>The health checks, the worst first.</summary>
    Task<IReadOnlyList<CheckRow>> HealthAsync(CancellationToken cancellationToken = default);

    /// <summary>The tokens of the API, without their secrets.</summary>
    Task<IReadOnlyList<TokenRow>> TokensAsync(CancellationToken cancellationToken = default);

    /// <summary>Who did what, the newest first.</summary>
    Task<PageOf<AuditEntry>> AuditAsync(Paging paging, CancellationToken cancellationToken = default);
}
