using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Health;

namespace NetworkProtocol.Web.Node;

/// <summary>The view of this node: each call reads the server's objects, and nothing is cached here.</summary>
internal sealed class LocalView(
    NodeTopics node, ConfigurationView configuration, HealthHistory health, AuditLog audit, ServerState state) : INodeView
{
    public Task<Status> StatusAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Status.Read(node.Breakers.NotClosed(), node.Certificates.DaysLeft(), node.Drain.Progress()));

    public Task<Series> SeriesAsync(SeriesRange range, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Status.Points(range));

    public Task<PageOf<ConnectionRow>> ConnectionsAsync(
        ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Connections.Open(filter, paging));

    public Task<ConnectionDetail> ConnectionAsync(string key, CancellationToken cancellationToken = default) =>
        ConnectionKey.TryParse(key, out var parsed) && node.Connections.Find(parsed) is { } detail
            ? Task.FromResult(detail)
            : throw new NodeException(OutcomeKind.NotFound, ConnectionNotFound.Text(key, state.NodeId));

    public Task<PageOf<ClosedRow>> ClosedAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Connections.Closed(filter, paging));

    public Task<PageOf<ErrorRow>> ErrorsAsync(ErrorFilter filter, Paging paging, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Errors.List(filter, paging));

    public Task<IReadOnlyList<ErrorKindRow>> ErrorKindsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Errors.Kinds());

    public Task<IReadOnlyList<BreakerRow>> BreakersAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Breakers.List());

    public Task<IReadOnlyList<BanRow>> BansAsync(CancellationToken cancellationToken = default) => Task.FromResult(node.Bans.List());

    public Task<IReadOnlyList<CertificateRow>> CertificatesAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Certificates.List());

    public Task<DrainRow> DrainAsync(CancellationToken cancellationToken = default) => Task.FromResult(node.Drain.Progress());

    public Task<IReadOnlyList<SettingRow>> ConfigurationAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(configuration.Settings());

    public Task<IReadOnlyList<CheckRow>> HealthAsync(CancellationToken cancellationToken = default) => Task.FromResult(health.Checks);

    public Task<IReadOnlyList<TokenRow>> TokensAsync(CancellationToken cancellationToken = default) => Task.FromResult(node.Tokens.List());

    public Task<PageOf<AuditEntry>> AuditAsync(Paging paging, CancellationToken cancellationToken = default) =>
        Task.FromResult(paging.TakePage(audit.Recent, PagingExtensions.NoColumns<AuditEntry>(), entry => entry));

    public Task<EdgeRow> EdgeAsync(CancellationToken cancellationToken = default) => Task.FromResult(node.Edge.Read());

    public Task<HubSlice<HubSourceRow>> HubSourcesAsync(HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.SourcesAsync(paging, cancellationToken);

    public Task<HubSlice<HubSeriesRow>> HubSeriesAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.SeriesAsync(source, topic, paging, cancellationToken);

    public Task<HubSeriesRow> HubSeriesAsync(long series, CancellationToken cancellationToken = default) =>
        node.Hub.SeriesAsync(series, cancellationToken);

    public Task<HubSlice<HubReadingRow>> HubLatestAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.LatestAsync(source, topic, paging, cancellationToken);

    public Task<HubSlice<HubReadingRow>> HubReadingsAsync(
        long series, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.ReadingsAsync(series, span, paging, cancellationToken);

    public Task<HubSlice<HubRollupRow>> HubRollupsAsync(
        long series, HubResolution resolution, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.RollupsAsync(series, resolution, span, paging, cancellationToken);

    public Task<HubSlice<HubLossRow>> HubLossesAsync(string? source, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.LossesAsync(source, paging, cancellationToken);

    public Task<HubSlice<HubDeadLetterRow>> HubDeadLettersAsync(
        string? source, HubPaging paging, CancellationToken cancellationToken = default) =>
        node.Hub.DeadLettersAsync(source, paging, cancellationToken);

    public Task<HubTotalsRow> HubTotalsAsync(CancellationToken cancellationToken = default) => node.Hub.TotalsAsync(cancellationToken);
}
