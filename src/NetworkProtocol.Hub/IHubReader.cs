namespace NetworkProtocol.Hub;

/// <summary>
/// Reads what a hub has stored. Every list has at most <see cref="HubQuery.MaxSize"/> rows, and says where the next part begins.
/// </summary>
public interface IHubReader
{
    /// <summary>The sources, by name.</summary>
    Task<Slice<SourceInfo>> SourcesAsync(HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The series, by source, topic and field.</summary>
    /// <param name="source">Only the series of this source; null: of all.</param>
    /// <param name="topic">Only the series of this topic and of the topics below it; null: of all.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<SeriesInfo>> SeriesAsync(string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>One series; null if it does not exist.</summary>
    Task<SeriesInfo?> FindSeriesAsync(long series, CancellationToken cancellationToken = default);

    /// <summary>The last reading of each series, the newest first.</summary>
    /// <param name="source">Only the series of this source; null: of all.</param>
    /// <param name="topic">Only the series of this topic and of the topics below it; null: of all.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<Reading>> LatestAsync(string? source, string? topic, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The readings of a series, the newest first.</summary>
    /// <param name="series">The series' number.</param>
    /// <param name="span">The time, its end excluded.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<Reading>> ReadingsAsync(long series, TimeRange span, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The rollups of a series, the oldest first.</summary>
    /// <param name="series">The series' number.</param>
    /// <param name="resolution">The length of the rollups.</param>
    /// <param name="span">The time in which rollups start, its end excluded.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<Rollup>> RollupsAsync(
        long series, Resolution resolution, TimeRange span, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The messages that could not be stored as readings, the newest first.</summary>
    /// <param name="source">Only those of this source; null: of all.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<DeadLetter>> DeadLettersAsync(string? source, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The messages that edges have declared as lost, the newest first.</summary>
    /// <param name="source">Only those of this source; null: of all.</param>
    /// <param name="query">Which part of the list.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<Slice<LossInfo>> LossesAsync(string? source, HubQuery query, CancellationToken cancellationToken = default);

    /// <summary>The sums and the size of the store.</summary>
    Task<HubTotals> TotalsAsync(CancellationToken cancellationToken = default);
}
