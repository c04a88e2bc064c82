using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub;

/// <summary>The store of a node that is no hub: whoever asks it learns why it has no answer.</summary>
internal sealed class NoHubStore : IHubStore
{
    public Task OpenAsync(CancellationToken cancellationToken = default) => Refuse<bool>();

    public Task<HelloAnswer> HelloAsync(string identity, Hello hello, CancellationToken cancellationToken = default) =>
        Refuse<HelloAnswer>();

    public Task<AppendAnswer> AppendAsync(string identity, Batch batch, CancellationToken cancellationToken = default) =>
        Refuse<AppendAnswer>();

    public Task CheckAsync(CancellationToken cancellationToken = default) => Refuse<bool>();

    public Task RetainAsync(DateTimeOffset now, CancellationToken cancellationToken = default) => Refuse<bool>();

    public Task<Slice<SourceInfo>> SourcesAsync(HubQuery query, CancellationToken cancellationToken = default) =>
        Refuse<Slice<SourceInfo>>();

    public Task<Slice<SeriesInfo>> SeriesAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) => Refuse<Slice<SeriesInfo>>();

    public Task<SeriesInfo?> FindSeriesAsync(long series, CancellationToken cancellationToken = default) => Refuse<SeriesInfo?>();

    public Task<Slice<Reading>> LatestAsync(
        string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default) => Refuse<Slice<Reading>>();

    public Task<Slice<Reading>> ReadingsAsync(
        long series, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) => Refuse<Slice<Reading>>();

    public Task<Slice<Rollup>> RollupsAsync(
        long series, Resolution resolution, TimeRange span, HubQuery query, CancellationToken cancellationToken = default) =>
        Refuse<Slice<Rollup>>();

    public Task<Slice<DeadLetter>> DeadLettersAsync(
        string? source, HubQuery query, CancellationToken cancellationToken = default) => Refuse<Slice<DeadLetter>>();

    public Task<Slice<LossInfo>> LossesAsync(string? source, HubQuery query, CancellationToken cancellationToken = default) =>
        Refuse<Slice<LossInfo>>();

    public Task<HubTotals> TotalsAsync(CancellationToken cancellationToken = default) => Refuse<HubTotals>();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<T> Refuse<T>() =>
        Task.FromException<T>(new HubStoreException($"This node is no hub: {HubOptions.Section}:Store is None."));
}
