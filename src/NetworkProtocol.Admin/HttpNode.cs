using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace NetworkProtocol.Admin;

/// <summary>The view and the actions of a node over its HTTP API, <c>/api/v1</c>.</summary>
public sealed class HttpNode : INodeView, INodeActions
{
    private readonly NodeHttp _http;

    /// <summary>Uses an HTTP client; the caller must dispose it.</summary>
    /// <param name="http">
    /// A client that sends the token and follows no redirect. Its <see cref="HttpClient.BaseAddress"/> is the address of the API, with a
    /// slash at the end.
    /// </param>
    public HttpNode(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is not { IsAbsoluteUri: true } address || !address.AbsolutePath.EndsWith('/'))
        {
            throw new ArgumentException(
                "BaseAddress must be the API's address with a slash at the end, as https://server.example:8080/api/v1/.", nameof(http));
        }

        _http = new NodeHttp(http);
    }

    /// <inheritdoc/>
    public Task<Status> StatusAsync(CancellationToken cancellationToken = default) =>
        GetAsync("status", AdminJsonContext.Default.Status, cancellationToken);

    /// <inheritdoc/>
    public Task<Series> SeriesAsync(SeriesRange range, CancellationToken cancellationToken = default) =>
        GetAsync($"series?range={(range == SeriesRange.Hours24 ? "24h" : "15m")}", AdminJsonContext.Default.Series, cancellationToken);

    /// <inheritdoc/>
    public Task<PageOf<ConnectionRow>> ConnectionsAsync(
        ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default) =>
        GetAsync($"connections{Query(filter, "state", paging)}", AdminJsonContext.Default.PageOfConnectionRow, cancellationToken);

    /// <inheritdoc/>
    public Task<ConnectionDetail> ConnectionAsync(string key, CancellationToken cancellationToken = default) =>
        GetAsync(PathOf(key), AdminJsonContext.Default.ConnectionDetail, cancellationToken);

    /// <inheritdoc/>
    public Task<PageOf<ClosedRow>> ClosedAsync(ConnectionFilter filter, Paging paging, CancellationToken cancellationToken = default) =>
        GetAsync($"closed{Query(filter, "reason", paging)}", AdminJsonContext.Default.PageOfClosedRow, cancellationToken);

    /// <inheritdoc/>
    public Task<PageOf<ErrorRow>> ErrorsAsync(ErrorFilter filter, Paging paging, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return GetAsync(
            $"errors{Query([("kind", filter.Kind), ("text", filter.Text), ("connection", filter.Connection), .. QueryOf(paging)])}",
            AdminJsonContext.Default.PageOfErrorRow,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ErrorKindRow>> ErrorKindsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("errors/kinds", AdminJsonContext.Default.IReadOnlyListErrorKindRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BreakerRow>> BreakersAsync(CancellationToken cancellationToken = default) =>
        GetAsync("breakers", AdminJsonContext.Default.IReadOnlyListBreakerRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BanRow>> BansAsync(CancellationToken cancellationToken = default) =>
        GetAsync("bans", AdminJsonContext.Default.IReadOnlyListBanRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CertificateRow>> CertificatesAsync(CancellationToken cancellationToken = default) =>
        GetAsync("certificates", AdminJsonContext.Default.IReadOnlyListCertificateRow, cancellationToken);

    /// <inheritdoc/>
    public Task<DrainRow> DrainAsync(CancellationToken cancellationToken = default) =>
        GetAsync("drain", AdminJsonContext.Default.DrainRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SettingRow>> ConfigurationAsync(CancellationToken cancellationToken = default) =>
        GetAsync("configuration", AdminJsonContext.Default.IReadOnlyListSettingRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckRow>> HealthAsync(CancellationToken cancellationToken = default) =>
        GetAsync("health", AdminJsonContext.Default.IReadOnlyListCheckRow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TokenRow>> TokensAsync(CancellationToken cancellationToken = default) =>
        GetAsync("tokens", AdminJsonContext.Default.IReadOnlyListTokenRow, cancellationToken);

    /// <inheritdoc/>
    public Task<PageOf<AuditEntry>> AuditAsync(Paging paging, CancellationToken cancellationToken = default) =>
        GetAsync($"audit{Query(QueryOf(paging))}", AdminJsonContext.Default.PageOfAuditEntry, cancellationToken);

    /// <inheritdoc/>
    public Task<EdgeRow> EdgeAsync(CancellationToken cancellationToken = default) =>
        GetAsync("edge", AdminJsonContext.Default.EdgeRow, cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubSourceRow>> HubSourcesAsync(HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync($"hub/sources{Query(QueryOf(paging))}", AdminJsonContext.Default.HubSliceHubSourceRow, cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubSeriesRow>> HubSeriesAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/series{Query([("source", source), ("topic", topic), .. QueryOf(paging)])}",
            AdminJsonContext.Default.HubSliceHubSeriesRow,
            cancellationToken);

    /// <inheritdoc/>
    public Task<HubSeriesRow> HubSeriesAsync(long series, CancellationToken cancellationToken = default) =>
        GetAsync($"hub/series/{Text(series)}", AdminJsonContext.Default.HubSeriesRow, cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubReadingRow>> HubLatestAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/readings{Query([("source", source), ("topic", topic), .. QueryOf(paging)])}",
            AdminJsonContext.Default.HubSliceHubReadingRow,
            cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubReadingRow>> HubReadingsAsync(
        long series, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/readings{Query([("series", Text(series)), .. QueryOf(span), .. QueryOf(paging)])}",
            AdminJsonContext.Default.HubSliceHubReadingRow,
            cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubRollupRow>> HubRollupsAsync(
        long series, HubResolution resolution, HubSpan span, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/rollups{Query([("series", Text(series)), ("resolution", NameOf(resolution)), .. QueryOf(span), .. QueryOf(paging)])}",
            AdminJsonContext.Default.HubSliceHubRollupRow,
            cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubLossRow>> HubLossesAsync(string? source, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/losses{Query([("source", source), .. QueryOf(paging)])}", AdminJsonContext.Default.HubSliceHubLossRow, cancellationToken);

    /// <inheritdoc/>
    public Task<HubSlice<HubDeadLetterRow>> HubDeadLettersAsync(
        string? source, HubPaging paging, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"hub/dead-letters{Query([("source", source), .. QueryOf(paging)])}",
            AdminJsonContext.Default.HubSliceHubDeadLetterRow,
            cancellationToken);

    /// <inheritdoc/>
    public Task<HubTotalsRow> HubTotalsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("hub/totals", AdminJsonContext.Default.HubTotalsRow, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> DisconnectAsync(string key, CancellationToken cancellationToken = default) =>
        DeleteAsync(() => PathOf(key), cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> DisconnectMatchingAsync(DisconnectRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("connections/disconnect", request, AdminJsonContext.Default.DisconnectRequest, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> StopDisconnectingAsync(CancellationToken cancellationToken = default) =>
        DeleteAsync(() => "connections/disconnect", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> BanAsync(BanRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("bans", request, AdminJsonContext.Default.BanRequest, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> UnbanAsync(string id, CancellationToken cancellationToken = default) =>
        DeleteAsync(() => $"bans/{Segment(id)}", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> IsolateAsync(string breaker, CancellationToken cancellationToken = default) =>
        _http.ChangeAsync(HttpMethod.Post, () => $"breakers/{Segment(breaker)}/isolate", null, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> ResetAsync(string breaker, CancellationToken cancellationToken = default) =>
        _http.ChangeAsync(HttpMethod.Post, () => $"breakers/{Segment(breaker)}/reset", null, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> ReloadCertificatesAsync(CancellationToken cancellationToken = default) =>
        _http.ChangeAsync(HttpMethod.Post, () => "certificates/reload", null, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> DrainAsync(DrainRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("drain", request, AdminJsonContext.Default.DrainRequest, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> UndoDrainAsync(CancellationToken cancellationToken = default) => DeleteAsync(() => "drain", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> FlushEdgeAsync(CancellationToken cancellationToken = default) => ActOnEdgeAsync("flush", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> PauseEdgeAsync(CancellationToken cancellationToken = default) => ActOnEdgeAsync("pause", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> ResumeEdgeAsync(CancellationToken cancellationToken = default) => ActOnEdgeAsync("resume", cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> DiscardEdgeAsync(EdgeDiscardRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("edge/discard", request, AdminJsonContext.Default.EdgeDiscardRequest, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> CreateTokenAsync(TokenRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("tokens", request, AdminJsonContext.Default.TokenRequest, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome> RevokeTokenAsync(string name, CancellationToken cancellationToken = default) =>
        DeleteAsync(() => $"tokens/{Segment(name)}", cancellationToken);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _http.GetAsync(path, type, cancellationToken);

    private Task<Outcome> ActOnEdgeAsync(string action, CancellationToken cancellationToken) =>
        _http.ChangeAsync(HttpMethod.Post, () => $"edge/{action}", null, cancellationToken);

    private Task<Outcome> DeleteAsync(Func<string> path, CancellationToken cancellationToken) =>
        _http.ChangeAsync(HttpMethod.Delete, path, null, cancellationToken);

    private Task<Outcome> PostAsync<T>(string path, T request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _http.ChangeAsync(HttpMethod.Post, () => path, NodeHttp.Json(request, type), cancellationToken);
    }

    // The node's id and the connection's number are two segments of the path.
    private static string PathOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Split('/') is [var node, var number] && number.Length > 0 && number.All(char.IsAsciiDigit)
            ? $"connections/{Segment(node)}/{number}"
            : throw new NodeException(
                OutcomeKind.NotFound, $"{key} is not the key of a connection, which has a node and a number, as node-1/42");
    }

    // An address without these is another one: a name must not lead to another operation.
    private static string Segment(string text) => text is "" or "." or ".."
        ? throw new NodeException(OutcomeKind.NotFound, $"'{text}' is not the name of anything")
        : Uri.EscapeDataString(text);

    private static string Query(ConnectionFilter filter, string state, Paging paging)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Query([.. filter.Parts.Select(part => (part.Name == "state" ? state : part.Name, (string?)part.Value)), .. QueryOf(paging)]);
    }

    private static string Query(IEnumerable<(string Name, string? Value)> parts)
    {
        var given = parts.Where(part => part.Value is not null)
            .Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToArray();
        return given.Length == 0 ? "" : $"?{string.Join('&', given)}";
    }

    private static IEnumerable<(string Name, string? Value)> QueryOf(Paging paging)
    {
        ArgumentNullException.ThrowIfNull(paging);
        return
        [
            ("page", paging.Page == 1 ? null : paging.Page.ToString(CultureInfo.InvariantCulture)),
            ("size", paging.Size == Paging.DefaultSize ? null : paging.Size.ToString(CultureInfo.InvariantCulture)),
            ("sort", paging.Sort),
            ("descending", paging.Descending ? "true" : null),
        ];
    }

    private static IEnumerable<(string Name, string? Value)> QueryOf(HubPaging paging)
    {
        ArgumentNullException.ThrowIfNull(paging);
        return [("size", paging.Size == HubPaging.DefaultSize ? null : Text(paging.Size)), ("after", paging.After)];
    }

    private static IEnumerable<(string Name, string? Value)> QueryOf(HubSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return
        [
            ("from", span.From is { } from ? HubTime.Format(from) : null),
            ("to", span.To is { } to ? HubTime.Format(to) : null),
        ];
    }

    private static string NameOf(HubResolution resolution) => resolution switch
    {
        HubResolution.Minute => "minute",
        HubResolution.Hour => "hour",
        _ => "day",
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
