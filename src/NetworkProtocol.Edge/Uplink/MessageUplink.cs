using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>Sends the messages of a buffer to a hub, each lane by itself.</summary>
internal sealed class MessageUplink : IAsyncDisposable
{
    private readonly EdgeOptions _options;
    private readonly EdgeUplink _uplink;
    private readonly EdgeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public MessageUplink(EdgeOptions options, EdgeUplink uplink, EdgeMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _uplink, _metrics, _time) = (options, uplink, metrics, time);
        _logger = loggers.CreateLogger<MessageForwarder>();
        State = new UplinkState(metrics, time);
        Switch = new UplinkSwitch(State, time);
    }

    /// <summary>Makes the uplink of a program that is no edge; see <see cref="MessageForwarder"/>.</summary>
    public static MessageUplink Create(
        EdgeOptions options, string origin, string clientName, BreakerOptions breaker, TimeProvider time, ILoggerFactory loggers) => new(
        options.From(origin),
        new EdgeUplink(options, clientName, breaker, time, loggers.CreateLogger<ProtocolClient>()),
        new EdgeMetrics(new Meter(MessageForwarder.QuietMeter), time),
        time,
        loggers);

    /// <summary>The name under which the hub stores the messages.</summary>
    public string Source => _uplink.Source;

    /// <summary>The client of the hub.</summary>
    public ProtocolClient Client => _uplink.Client;

    /// <summary>How many messages the hub has stored since the start.</summary>
    public long Acknowledged => _metrics.SentTotal;

    /// <summary>How many messages damage of the buffer has taken since the start.</summary>
    public long Damaged => _metrics.DroppedFor(Drop.Damaged);

    /// <summary>How many messages the hub has lost since the start after it had acknowledged them.</summary>
    public long LostByHub => _metrics.HubRestoredTotal;

    public UplinkState State { get; }

    public UplinkSwitch Switch { get; }

    public long NewOf(Lane lane) => _metrics.AcceptedOf(lane);

    /// <summary>Counts messages that are new, so that no catch-up limit holds them up.</summary>
    public void NoteNew(Lane lane, long count) => _metrics.Accepted(lane, count);

    /// <summary>Sends until the token is cancelled.</summary>
    public Task RunAsync(IUplinkBuffer buffer, CancellationToken cancellationToken) => Task.WhenAll(Enum.GetValues<Lane>().Select(lane =>
        new LaneUplink(buffer, Client, lane, Source, _options, _metrics, State, Switch, _time, _logger).RunAsync(cancellationToken)));

    public ValueTask DisposeAsync() => _uplink.DisposeAsync();
}
