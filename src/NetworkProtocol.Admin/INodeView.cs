namespace NetworkProtocol.Admin;

/// <summary>
/// Everything that a node shows in the console, in the API and in <c>netproto</c>. Each method can throw <see cref="NodeException"/>: when
/// a filter or a page is not valid, when an object does not exist, or when the node cannot be reached.
/// </summary>
public interface INodeView
{
    /// <summary>The node's state, counters and rates.</summary>
    Task<Status> StatusAsync(CancellationToken cancellationToken = default);

    /// <summary>The points of the charts.</summary>
    Task<Series> SeriesAsync(SeriesRange range, CancellationToken cancellationToken = default);

    /// <summary>Open connections.</summary>
    Task<PageOf<ConnectionRow>> ConnectionsAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>One open connection with all details.</summary>
    /// <param name="key">The connection's key, as <c>node-1/42</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<ConnectionDetail> ConnectionAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>The last 10,000 closed connections, the newest first.</summary>
    Task<PageOf<ClosedRow>> ClosedAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>The last 10,000 errors, the newest first.</summary>
    Task<PageOf<ErrorRow>> ErrorsAsync(ErrorFilter filter, Paging paging, CancellationToken cancellationToken = default);

    /// <summary>The number of errors of each kind among the last 10,000 errors.</summary>
    Task<IReadOnlyList<ErrorKindRow>> ErrorKindsAsync(CancellationToken cancellationToken = default);

    /// <summary>The circuit breakers.</summary>
    Task<IReadOnlyList<BreakerRow>> BreakersAsync(CancellationToken cancellationToken = default);

    /// <summary>The bans, the newest first.</summary>
    Task<IReadOnlyList<BanRow>> BansAsync(CancellationToken cancellationToken = default);

    /// <summary>The certificates in use.</summary>
    Task<IReadOnlyList<CertificateRow>> CertificatesAsync(CancellationToken cancellationToken = default);

    /// <summary>The progress of the drain.</summary>
    Task<DrainRow> DrainAsync(CancellationToken cancellationToken = default);

    /// <summary>The settings in effect; secrets are hidden.</summary>
    Task<IReadOnlyList<SettingRow>> ConfigurationAsync(CancellationToken cancellationToken = default);

    /// <summary>The health checks, the worst first.</summary>
    Task<IReadOnlyList<CheckRow>> HealthAsync(CancellationToken cancellationToken = default);

    /// <summary>The tokens of the API, without their secrets.</summary>
    Task<IReadOnlyList<TokenRow>> TokensAsync(CancellationToken cancellationToken = default);

    /// <summary>The last entries of the audit log, the newest first.</summary>
    Task<PageOf<AuditEntry>> AuditAsync(Paging paging, CancellationToken cancellationToken = default);

    /// <summary>What an edge holds, and how its hub takes it; throws <see cref="NodeException"/> on a node that is no edge.</summary>
    Task<EdgeRow> EdgeAsync(CancellationToken cancellationToken = default);

    /// <summary>The sources of a hub, by name. Each method for a hub throws <see cref="NodeException"/> on a node that is no hub.</summary>
    Task<HubSlice<HubSourceRow>> HubSourcesAsync(HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The series of a hub, by source, topic and field.</summary>
    /// <param name="source">Only the series of this source; null: of all.</param>
    /// <param name="topic">Only the series of this topic and of the topics below it; null: of all.</param>
    /// <param name="paging">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<HubSlice<HubSeriesRow>> HubSeriesAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>One series of a hub.</summary>
    Task<HubSeriesRow> HubSeriesAsync(long series, CancellationToken cancellationToken = default);

    /// <summary>The last reading of each series of a hub, the newest first.</summary>
    /// <param name="source">Only the series of this source; null: of all.</param>
    /// <param name="topic">Only the series of this topic and of the topics below it; null: of all.</param>
    /// <param name="paging">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<HubSlice<HubReadingRow>> HubLatestAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The readings of a series of a hub, the newest first.</summary>
    Task<HubSlice<HubReadingRow>> HubReadingsAsync(
        long series, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The rollups of a series of a hub, the oldest first.</summary>
    Task<HubSlice<HubRollupRow>> HubRollupsAsync(
        long series, HubResolution resolution, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The messages that edges have declared as lost, the newest first.</summary>
    /// <param name="source">Only those of this source; null: of all.</param>
    /// <param name="paging">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<HubSlice<HubLossRow>> HubLossesAsync(string? source, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The messages that a hub could not store as readings, the newest first.</summary>
    /// <param name="source">Only those of this source; null: of all.</param>
    /// <param name="paging">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<HubSlice<HubDeadLetterRow>> HubDeadLettersAsync(string? source, HubPaging paging, CancellationToken cancellationToken = default);

    /// <summary>The sums over all sources of a hub, and the size of its store.</summary>
    Task<HubTotalsRow> HubTotalsAsync(CancellationToken cancellationToken = default);
}
