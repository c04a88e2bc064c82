using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>
/// Shows what an edge holds, and what an operator can do with it. On a node that is no edge (<see cref="EdgeOptions.HubAddress"/> is
/// empty) every method throws <see cref="InvalidOperationException"/>, and so it does before the host has started.
/// </summary>
public sealed class EdgeControl
{
    /// <summary>A year, in seconds: a buffer that needs longer does not become empty.</summary>
    private const double LongestTime = 365 * 86_400;

    private readonly IServiceProvider _services;
    private readonly EdgeOptions _options;

    internal EdgeControl(IServiceProvider services, IOptions<EdgeOptions> options)
    {
        (_services, _options) = (services, options.Value);
    }

    // Only when somebody asks, so that a node that is no edge has none of it.
    private MessageBuffer Buffer => _options.IsOn
        ? _services.GetRequiredService<MessageBuffer>()
        : throw new InvalidOperationException($"This node is no edge: {EdgeOptions.Section}:{nameof(EdgeOptions.HubAddress)} is empty.");

    private UplinkSwitch Switch => _services.GetRequiredService<UplinkSwitch>();

    /// <summary>Reads what the edge holds, as it was after the last commit.</summary>
    public EdgeStatus ReadStatus()
    {
        var (buffer, held) = (Buffer, ReadBuffer());
        var (uplink, metrics) = (_services.GetRequiredService<UplinkState>(), _services.GetRequiredService<EdgeMetrics>());
        return new EdgeStatus(
            _services.GetRequiredService<EdgeUplink>().Source,
            _options.HubAddress,
            held.Epoch,
            [.. held.Lanes.Select(lane => StatusOf(lane, uplink[lane.Lane], uplink.IsPaused, metrics))],
            [.. Enum.GetValues<Drop>().Select(drop =>
                new EdgeDrops(EdgeMetrics.NameOf(drop), metrics.DroppedFor(drop), metrics.DroppedAt(drop)))],
            _options.OfflineBufferSize,
            _options.OfflineBufferBytes,
            _options.WhenFull,
            uplink.IsPaused,
            uplink.Error,
            buffer.Problem,
            buffer.Shortage);
    }

    /// <summary>
    /// Has the edge send nothing after the batches that are on their way. It goes on taking messages of sensors. A restart resumes.
    /// </summary>
    /// <returns>False if the uplink was paused already.</returns>
    public bool Pause()
    {
        ReadBuffer();
        return Switch.Pause();
    }

    /// <summary>Has the edge send again.</summary>
    /// <returns>False if the uplink was not paused.</returns>
    public bool Resume()
    {
        ReadBuffer();
        return Switch.Resume();
    }

    /// <summary>
    /// Has the edge send what is in its buffer now: it waits neither after an error, nor for the time that the hub has asked for, nor for
    /// <see cref="EdgeOptions.CatchUpRate"/>, and its open circuit breakers are closed. The hub's credit and a pause stay.
    /// </summary>
    /// <returns>How many messages are in the buffer.</returns>
    public async Task<long> FlushAsync(CancellationToken cancellationToken = default)
    {
        var held = ReadBuffer();
        foreach (var breaker in _services.GetRequiredService<EdgeUplink>().Client.Breakers)
        {
            if (breaker.State == BreakerState.Open) // an isolated one is an operator's will
            {
                await breaker.ResetAsync(cancellationToken);
            }
        }

        Switch.Flush(lane => held[lane].Next - 1);
        return held.Messages;
    }

    /// <summary>
    /// Drops the messages of lanes up to a sequence number each, and tells the hub of the loss. Messages that sensors have published
    /// meanwhile have higher numbers, and stay. Nothing is dropped if it would be more than the caller expects.
    /// </summary>
    /// <param name="upTo">
    /// The lanes, each with the last number to drop: <see cref="EdgeLaneStatus.Next"/> - 1 of the status that a person has seen.
    /// </param>
    /// <param name="expectedMessages">How many messages that status showed. It can be fewer now, because the hub has taken some.</param>
    /// <param name="cancellationToken">Stops waiting; the messages may be dropped all the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the lanes does not exist.</exception>
    /// <exception cref="IOException">The disk does not take the change; nothing was dropped.</exception>
    public async Task<EdgeDiscard> DiscardAsync(
        IReadOnlyDictionary<Lane, long> upTo, long expectedMessages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(upTo);
        foreach (var lane in upTo.Keys)
        {
            // On the buffer's thread, where a lane is an index, it would look like damage of the file.
            ArgumentOutOfRangeException.ThrowIfEqual(Enum.IsDefined(lane), false, nameof(upTo));
        }

        ReadBuffer();
        try
        {
            var discard = await Buffer.RunAsync(file => Discard(file, upTo, expectedMessages), cancellationToken);
            _services.GetRequiredService<EdgeMetrics>().Dropped(Drop.Discarded, discard.IsDone ? discard.Messages : 0);
            return discard;
        }
        catch (BufferException e)
        {
            throw new IOException($"Nothing was discarded. {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private static EdgeDiscard Discard(BufferFile file, IReadOnlyDictionary<Lane, long> upTo, long expected)
    {
        var state = file.State;
        if (upTo.Any(lane => lane.Value >= state[lane.Key].Next))
        {
            return new EdgeDiscard(false, 0, "The numbers are not this buffer's: it was made anew. Look at it again.");
        }

        var count = upTo.Sum(lane => file.MessagesTo(lane.Key, lane.Value));
        if (count > expected)
        {
            return new EdgeDiscard(
                false,
                count,
                string.Create(CultureInfo.InvariantCulture, $"{count} messages would be discarded, which is more than {expected}."));
        }

        foreach (var (lane, last) in upTo)
        {
            file.DropTo(lane, last, LossReason.Discarded);
        }

        return new EdgeDiscard(true, count, null);
    }

    private static EdgeLaneStatus StatusOf(LaneState lane, LinkState link, bool isPaused, EdgeMetrics metrics)
    {
        var (published, acknowledged) = (metrics.InPerSecond(lane.Lane), metrics.OutPerSecond(lane.Lane));
        return new(
            lane.Lane,
            lane.Messages,
            lane.Bytes,
            lane.OldestTime is { } oldest ? DateTimeOffset.FromUnixTimeMilliseconds(oldest) : null,
            lane.Mark,
            lane.Next,
            Math.Max(0, lane.Next - 1 - lane.Mark - lane.Messages),
            link.IsUp,
            link.Error,
            link.Since,
            link.AcknowledgedAt,
            published,
            acknowledged,
            TimeToEmpty(lane.Messages, isPaused || link.IsUp != true ? 0 : acknowledged - published));
    }

    private static TimeSpan? TimeToEmpty(long messages, double perSecond) => messages == 0 ? TimeSpan.Zero
        : perSecond > 0 && messages / perSecond is < LongestTime and var seconds ? TimeSpan.FromSeconds(seconds)
        : null;

    private BufferState ReadBuffer() => Buffer.State ?? throw new InvalidOperationException("The edge has not started.");
}
