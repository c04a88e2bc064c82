using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace NetworkProtocol.Web.Node;

/// <summary>Reads what the hub on this node has stored; each method throws <see cref="NodeException"/> if this node is no hub.</summary>
internal sealed class NodeHub(IOptions<HubOptions> options, IHubReader reader, HubGrowth growth) : INodePart
{
    private const int RowsOfStep = 100;
    private const long MaxValueBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public bool IsActive => options.Value.Store != HubStoreKind.None;

    private IHubReader Reader => IsActive
        ? reader
        : throw new NodeException(OutcomeKind.NotFound, $"This node is no hub: {HubOptions.Section}:{nameof(HubOptions.Store)} is None.");

    public Task<HubSlice<HubSourceRow>> SourcesAsync(HubPaging paging, CancellationToken cancellationToken) => ReadAsync(async () =>
    {
        var slice = await Reader.SourcesAsync(QueryOf(paging), cancellationToken);
        var rows = slice.Items.SelectMany(source => source.Lanes.Select(lane => RowOf(source, lane)));
        return new HubSlice<HubSourceRow>([.. rows], slice.Next);
    });

    public Task<HubSlice<HubSeriesRow>> SeriesAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken) => ReadAsync(async () =>
        await CollectAsync(
            paging, query => Reader.SeriesAsync(source, topic, query, cancellationToken), series => SizeOf(series.Last), RowOf));

    public Task<HubSeriesRow> SeriesAsync(long series, CancellationToken cancellationToken) => ReadAsync(async () =>
        RowOf(await FindAsync(series, cancellationToken)));

    public Task<HubSlice<HubReadingRow>> LatestAsync(
        string? source, string? topic, HubPaging paging, CancellationToken cancellationToken) => ReadAsync(async () =>
        await CollectAsync(paging, query => Reader.LatestAsync(source, topic, query, cancellationToken), SizeOf, RowOf));

    public Task<HubSlice<HubReadingRow>> ReadingsAsync(
        long series, HubSpan span, HubPaging paging, CancellationToken cancellationToken) => ReadAsync(async () =>
    {
        var range = RangeOf(span);
        await FindAsync(series, cancellationToken); // else a series that does not exist would look like one without readings
        return await CollectAsync(
            paging, query => Reader.ReadingsAsync(series, range, query, cancellationToken), SizeOf, RowOf);
    });

    public Task<HubSlice<HubRollupRow>> RollupsAsync(
        long series, HubResolution resolution, HubSpan span, HubPaging paging, CancellationToken cancellationToken) => ReadAsync(async () =>
    {
        var (range, query) = (RangeOf(span), QueryOf(paging));
        await FindAsync(series, cancellationToken);
        var slice = await Reader.RollupsAsync(series, ResolutionOf(resolution), range, query, cancellationToken);
        return new HubSlice<HubRollupRow>([.. slice.Items.Select(RowOf)], slice.Next);
    });

    public Task<HubSlice<HubLossRow>> LossesAsync(string? source, HubPaging paging, CancellationToken cancellationToken) =>
        ReadAsync(async () =>
        {
            var slice = await Reader.LossesAsync(source, QueryOf(paging), cancellationToken);
            return new HubSlice<HubLossRow>([.. slice.Items.Select(RowOf)], slice.Next);
        });

    public Task<HubSlice<HubDeadLetterRow>> DeadLettersAsync(string? source, HubPaging paging, CancellationToken cancellationToken) =>
        ReadAsync(async () => await CollectAsync(
            paging, query => Reader.DeadLettersAsync(source, query, cancellationToken), letter => letter.Payload.Length, RowOf));

    public Task<HubTotalsRow> TotalsAsync(CancellationToken cancellationToken) => ReadAsync(async () =>
    {
        var totals = await Reader.TotalsAsync(cancellationToken);
        var bytesPerDay = growth.BytesPerDay;
        return new HubTotalsRow(
            totals.Sources, totals.Series, totals.Messages, totals.Duplicates, totals.Lost, totals.DeadLetters,
            totals.StoreBytes, totals.FreeBytes,
            bytesPerDay is { } bytes ? Math.Round(bytes) : null,
            bytesPerDay >= 1 && totals.FreeBytes is { } free ? Math.Round(free / bytesPerDay.Value, 1) : null);
    });

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (HubStoreException e)
        {
            throw new NodeException(OutcomeKind.Failed, e.Message, e);
        }
        catch (HubPlaceException e)
        {
            throw new NodeException(OutcomeKind.Invalid, "after: must be the field next of an earlier part of the same list.", e);
        }
    }

    private async Task<SeriesInfo> FindAsync(long series, CancellationToken cancellationToken) =>
        await Reader.FindSeriesAsync(series, cancellationToken)
        ?? throw new NodeException(OutcomeKind.NotFound, $"There is no series {series}.");

    private static HubQuery QueryOf(HubPaging paging) => paging.Size is < 1 or > HubPaging.MaxSize
        ? throw new NodeException(OutcomeKind.Invalid, $"size = {paging.Size}: must be 1 to {HubPaging.MaxSize}.")
        : new HubQuery(paging.Size, paging.After);

    private static TimeRange RangeOf(HubSpan span) => span.From >= span.To
        ? throw new NodeException(
            OutcomeKind.Invalid,
            $"from = {HubTime.Format(span.From!.Value)}: must be before to, which is {HubTime.Format(span.To!.Value)}.")
        : new TimeRange(span.From, span.To);

    private static Resolution ResolutionOf(HubResolution resolution) => resolution switch
    {
        HubResolution.Minute => Resolution.Minute,
        HubResolution.Hour => Resolution.Hour,
        _ => Resolution.Day,
    };

    /// <summary>
    /// Reads a part of a list in small steps, and ends it early when its values are large: 10,000 values could have 2 GiB.
    /// </summary>
    private static async Task<HubSlice<TRow>> CollectAsync<T, TRow>(
        HubPaging paging, Func<HubQuery, Task<Slice<T>>> read, Func<T, int> size, Func<T, TRow> row)
    {
        var (count, next) = (QueryOf(paging).Size, paging.After);
        var rows = new List<TRow>();
        var bytes = 0L;
        do
        {
            var slice = await read(new HubQuery(Math.Min(RowsOfStep, count - rows.Count), next));
            rows.AddRange(slice.Items.Select(row));
            bytes += slice.Items.Sum(item => (long)size(item));
            next = slice.Next;
        }
        while (next is not null && rows.Count < count && bytes < MaxValueBytes);
        return new HubSlice<TRow>(rows, next);
    }

    private static HubSourceRow RowOf(SourceInfo source, LaneInfo lane)
    {
        var lag = (lane.LastArrival - lane.LastTime)?.TotalSeconds;
        return new HubSourceRow(
            source.Name, source.Identity, source.FirstSeen, source.LastSeen, ApiNames.Name(lane.Lane), lane.Epoch, lane.Mark,
            lane.Messages, lane.Duplicates, lane.Lost, lane.DeadLetters, lane.LastTime, lane.LastArrival, lane.Behind,
            lag is null ? null : Math.Round(Math.Max(0, lag.Value), 3), lag is null ? null : Math.Round(Math.Max(0, -lag.Value), 3));
    }

    private static HubSeriesRow RowOf(SeriesInfo series)
    {
        var last = RowOf(series.Last);
        return new HubSeriesRow(series.Id, series.Source, series.Topic, series.Field, series.Unit, last.Time, last.Value, last.Text);
    }

    private static HubReadingRow RowOf(Reading reading)
    {
        var text = reading.Payload is { } payload ? TextOf(payload.Span) : null;
        return new HubReadingRow(
            reading.Series, reading.Source, reading.Topic, reading.Field, reading.Unit, reading.Time,
            reading.Value is { } value ? Finite(value) : null,
            text,
            text is null && reading.Payload is { } bytes ? System.Convert.ToBase64String(bytes.Span) : null);
    }

    private static HubLossRow RowOf(LossInfo loss) => new(
        loss.At, loss.Source, ApiNames.Name(loss.Lane), loss.Epoch, loss.First, loss.Count, NameOf(loss.Reason));

    // An edge that is newer than its hub may have a reason that this hub does not know.
    private static string NameOf(LossReason reason) => Enum.IsDefined(reason)
        ? ApiNames.Name(reason)
        : string.Create(CultureInfo.InvariantCulture, $"reason_{(int)reason}");

    private static HubDeadLetterRow RowOf(DeadLetter letter)
    {
        var text = TextOf(letter.Payload.Span);
        return new HubDeadLetterRow(
            letter.Time, letter.Source, letter.Sequence, letter.Topic, letter.Reason, text,
            text is null ? System.Convert.ToBase64String(letter.Payload.Span) : null);
    }

    private static int SizeOf(Reading reading) => reading.Payload?.Length ?? 0;

    private static HubRollupRow RowOf(Rollup rollup) => new(
        rollup.Start, rollup.Count, Finite(rollup.Sum), rollup.Min, rollup.Max, Finite(rollup.Average), rollup.Last);

    // JSON has no infinity, to which the sum of large numbers can come.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
