using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/hub</c>: what a hub has stored.</summary>
internal static class HubApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var hub = api.MapGroup("/hub");
        hub.MapGet("/sources", ListSourcesAsync).Produces<HubSlice<HubSourceRow>>()
            .WithSummary("The sources of the hub by name, with a row for each of their lanes; size counts the sources.");
        hub.MapGet("/series", ListSeriesAsync).Produces<HubSlice<HubSeriesRow>>()
            .WithSummary("The series of the hub, by source, topic and field, each with its last reading.");
        hub.MapGet("/series/{series:long}", (long series, INodeView node, CancellationToken cancellationToken) =>
            node.HubSeriesAsync(series, cancellationToken))
            .Produces<HubSeriesRow>().WithSummary("One series of the hub with its last reading.");
        hub.MapGet("/readings", ListReadingsAsync).Produces<HubSlice<HubReadingRow>>()
            .WithSummary("The readings of a series, newest first; without series the last reading of each series, newest first.");
        hub.MapGet("/rollups", ListRollupsAsync).Produces<HubSlice<HubRollupRow>>()
            .WithSummary("The rollups of a series, oldest first: count, sum, smallest, largest, mean and last number of each time.");
        hub.MapGet("/losses", ListLossesAsync).Produces<HubSlice<HubLossRow>>()
            .WithSummary("The messages that edges have declared as lost, newest first.");
        hub.MapGet("/dead-letters", ListDeadLettersAsync).Produces<HubSlice<HubDeadLetterRow>>()
            .WithSummary("The messages that could not become readings and were put aside, newest first.");
        hub.MapGet("/totals", (INodeView node, CancellationToken cancellationToken) => node.HubTotalsAsync(cancellationToken))
            .WithSummary("The sums over all sources of the hub, and the size of its store.");
    }

    private static Task<IResult> ListSourcesAsync(
        [AsParameters] HubPagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken) =>
        SliceResults.AnswerAsync(
            "sources", paging.ToPaging(), format, page => node.HubSourcesAsync(page, cancellationToken), cancellationToken);

    private static Task<IResult> ListSeriesAsync(
        string? source,
        string? topic,
        [AsParameters] HubPagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken) =>
        SliceResults.AnswerAsync(
            "series",
            paging.ToPaging(),
            format,
            page => node.HubSeriesAsync(NullIfEmpty(source), NullIfEmpty(topic), page, cancellationToken),
            cancellationToken);

    private static Task<IResult> ListReadingsAsync(
        long? series,
        string? source,
        string? topic,
        [AsParameters] HubSpanQuery span,
        [AsParameters] HubPagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken)
    {
        (source, topic) = (NullIfEmpty(source), NullIfEmpty(topic));
        if (series is not { } id)
        {
            return span.IsEmpty
                ? SliceResults.AnswerAsync(
                    "readings",
                    paging.ToPaging(),
                    format,
                    page => node.HubLatestAsync(source, topic, page, cancellationToken),
                    cancellationToken)
                : throw new NodeException(
                    OutcomeKind.Invalid, "from and to need series: without series the answer is the last reading of each series.");
        }

        if (source is not null || topic is not null)
        {
            throw new NodeException(OutcomeKind.Invalid, $"series = {id}: must be alone; source and topic select the last readings.");
        }

        var time = span.ToSpan();
        return SliceResults.AnswerAsync(
            "readings", paging.ToPaging(), format, page => node.HubReadingsAsync(id, time, page, cancellationToken), cancellationToken);
    }

    private static Task<IResult> ListRollupsAsync(
        long? series,
        string? resolution,
        [AsParameters] HubSpanQuery span,
        [AsParameters] HubPagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken)
    {
        var id = series ?? throw new NodeException(OutcomeKind.Invalid, "series is missing: must be the number of a series.");
        var (length, time) = (ResolutionOf(resolution), span.ToSpan());
        return SliceResults.AnswerAsync(
            "rollups",
            paging.ToPaging(),
            format,
            page => node.HubRollupsAsync(id, length, time, page, cancellationToken),
            cancellationToken);
    }

    private static Task<IResult> ListLossesAsync(
        string? source, [AsParameters] HubPagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken) =>
        SliceResults.AnswerAsync(
            "losses",
            paging.ToPaging(),
            format,
            page => node.HubLossesAsync(NullIfEmpty(source), page, cancellationToken),
            cancellationToken);

    private static Task<IResult> ListDeadLettersAsync(
        string? source, [AsParameters] HubPagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken) =>
        SliceResults.AnswerAsync(
            "dead-letters",
            paging.ToPaging(),
            format,
            page => node.HubDeadLettersAsync(NullIfEmpty(source), page, cancellationToken),
            cancellationToken);

    private static HubResolution ResolutionOf(string? resolution) => resolution switch
    {
        "minute" => HubResolution.Minute,
        null or "hour" => HubResolution.Hour,
        "day" => HubResolution.Day,
        _ => throw new NodeException(
            OutcomeKind.Invalid, $"resolution = {PlainText.Of(resolution)}: must be minute, hour or day."),
    };

    private static string? NullIfEmpty(string? text) => text is "" ? null : text;
}
