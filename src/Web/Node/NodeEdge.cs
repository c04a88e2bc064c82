using System.Globalization;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Web.Node;

/// <summary>Shows the buffer and the uplink of the edge on this node, and flushes, pauses and discards.</summary>
internal sealed class NodeEdge(IOptions<EdgeOptions> options, EdgeControl edge, IServiceProvider services, TimeProvider time) : INodePart
{
    private const string Up = "up";
    private const string Down = "down";
    private const string Connecting = "connecting";
    private const string Paused = "paused";

    private static readonly Dictionary<string, Lane> Lanes = Enum.GetValues<Lane>().ToDictionary(ApiNames.Name);

    public bool IsActive => options.Value.HubAddress.Length > 0;

    private static string NoEdge =>
        $"This node is no edge: {EdgeOptions.Section}:{nameof(EdgeOptions.HubAddress)} is empty.";

    // The uplink is made only on a node that is an edge. It has one server, and so one breaker.
    private CircuitBreaker Breaker => services.GetRequiredService<EdgeUplink>().Client.Breakers[0];

    /// <summary>What a request would discard, for the audit log.</summary>
    public static string Describe(EdgeDiscardRequest request) => request.UpTo is { } lanes
        ? string.Join(", ", lanes.Select(lane => $"{lane.Key} up to {lane.Value}").Prepend($"{request.Messages}"))
        : $"{request.Messages}, all lanes";

    /// <exception cref="NodeException">This node is no edge.</exception>
    public EdgeRow Read()
    {
        var status = IsActive ? edge.ReadStatus() : throw new NodeException(OutcomeKind.NotFound, NoEdge);
        var lanes = status.Lanes;
        var toEmpty = lanes.Max(lane => lane.TimeToEmpty ?? TimeSpan.MaxValue);
        return new EdgeRow(
            status.Source,
            status.HubAddress,
            status.IsPaused ? Paused
                : status.UplinkError is null ? Up
                : lanes.Any(lane => lane.IsUp == false) ? Down
                : Connecting,
            status.UplinkError,
            Breaker.Name,
            ApiNames.Name(Breaker.State),
            status.BufferError,
            status.BufferShortage,
            lanes.Sum(lane => lane.Messages),
            status.MaxMessages,
            lanes.Sum(lane => lane.Bytes),
            status.MaxBytes,
            ApiNames.Name(status.WhenFull),
            lanes.Min(lane => lane.OldestTime) is { } oldest ? Math.Max(0, Seconds(time.GetUtcNow() - oldest)) : null,
            lanes.Max(lane => lane.AcknowledgedAt),
            Round(lanes.Sum(lane => lane.InPerSecond)),
            Round(lanes.Sum(lane => lane.OutPerSecond)),
            toEmpty == TimeSpan.MaxValue ? null : Seconds(toEmpty),
            [.. lanes.Select(RowOf)],
            [.. status.Drops.Select(drop => new EdgeDropRow(drop.Reason, drop.Count, drop.LastAt))]);
    }

    public Task<Outcome> PauseAsync() => ActAsync(() => Task.FromResult(edge.Pause()
        ? Outcome.Done("The uplink is paused until it is resumed or the server restarts. The edge goes on taking messages.")
        : Outcome.Conflict("The uplink is paused already.")));

    public Task<Outcome> ResumeAsync() => ActAsync(() => Task.FromResult(edge.Resume()
        ? Outcome.Done("The uplink sends again.")
        : Outcome.Conflict("The uplink is not paused.")));

    public Task<Outcome> FlushAsync() => ActAsync(async () =>
    {
        if (edge.ReadStatus().IsPaused)
        {
            return Outcome.Conflict("The uplink is paused: resume it first.");
        }

        if (Breaker.State == BreakerState.Isolated)
        {
            return Outcome.Conflict($"The breaker {Breaker.Name} is isolated: reset it first.");
        }

        var messages = await edge.FlushAsync();
        return Outcome.Done($"The edge sends {CountText(messages)} without waiting.", Clamp(messages));
    });

    public Task<Outcome> DiscardAsync(EdgeDiscardRequest request) => ActAsync(async () =>
    {
        if (request.UpTo is { } named && named.Keys.FirstOrDefault(name => !Lanes.ContainsKey(name)) is { } unknown)
        {
            return Outcome.Invalid($"upTo = {PlainText.Of(unknown)}: must name the lanes {string.Join(" and ", Lanes.Keys)} only.");
        }

        if (request.Messages < 0 || request.UpTo?.Values.Any(last => last < 0) == true)
        {
            return Outcome.Invalid("messages and upTo must be 0 or more.");
        }

        var upTo = request.UpTo?.ToDictionary(lane => Lanes[lane.Key], lane => lane.Value)
            ?? edge.ReadStatus().Lanes.ToDictionary(lane => lane.Lane, lane => lane.Next - 1);
        var discard = await edge.DiscardAsync(upTo, request.Messages);
        return discard.IsDone
            ? Outcome.Done($"{CountText(discard.Messages)} discarded. The hub is told of the loss.", Clamp(discard.Messages))
            : Outcome.Conflict($"Nothing was discarded: {discard.Problem}");
    });

    private Task<Outcome> ActAsync(Func<Task<Outcome>> act) => IsActive ? act() : Task.FromResult(Outcome.NotFound(NoEdge));

    private static EdgeLaneRow RowOf(EdgeLaneStatus lane) => new(
        ApiNames.Name(lane.Lane),
        lane.Messages,
        lane.Bytes,
        lane.OldestTime,
        lane.Mark,
        lane.Next,
        lane.UntoldLosses,
        lane.IsUp switch { null => Connecting, true => Up, false => Down },
        lane.Since,
        lane.Error,
        lane.AcknowledgedAt,
        Round(lane.InPerSecond),
        Round(lane.OutPerSecond),
        lane.TimeToEmpty is { } toEmpty ? Seconds(toEmpty) : null);

    private static string CountText(long messages) =>
        string.Create(CultureInfo.InvariantCulture, $"{messages} {(messages == 1 ? "message" : "messages")}");

    private static int Clamp(long count) => (int)Math.Min(count, int.MaxValue);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);

    private static double Round(double rate) => Math.Round(rate, 2);
}
