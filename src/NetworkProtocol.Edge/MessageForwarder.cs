using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>
/// A buffer on disk and the uplink that sends its messages to a hub: an edge has one, and so has a hub that forwards to the next hub.
/// </summary>
public sealed class MessageForwarder : IAsyncDisposable
{
    /// <summary>The meter of a forwarder that is not an edge's. Nobody listens to it: the caller counts what it wants to show.</summary>
    internal const string QuietMeter = "NetworkProtocol.Edge.Forwarder";

    private readonly CancellationTokenSource _stopping = new();
    private readonly MessageUplink _uplink;
    private readonly EdgeMetrics _metrics;
    private readonly BufferStorage _storage;
    private readonly TimeProvider _time;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes a forwarder. It opens and connects nothing before <see cref="Start"/>.</summary>
    /// <param name="options">
    /// Its settings. It has no socket of sensors, so <see cref="EdgeOptions.LocalSocket"/> means nothing here.
    /// </param>
    /// <param name="origin">The section of these settings, which errors name.</param>
    /// <param name="clientName">The client's name, which begins the name of its circuit breaker.</param>
    /// <param name="breaker">The settings of the circuit breaker.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the logs.</param>
    public MessageForwarder(
        EdgeOptions options, string origin, string clientName, BreakerOptions breaker, TimeProvider time, ILoggerFactory loggers)
        : this(
            options.From(origin),
            new EdgeUplink(options, clientName, breaker, time, loggers.CreateLogger<ProtocolClient>()),
            new EdgeMetrics(new Meter(QuietMeter), time),
            time,
            loggers)
    {
    }

    internal MessageForwarder(
        EdgeOptions options, EdgeUplink uplink, EdgeMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        (_metrics, _time) = (metrics, time);
        _uplink = new MessageUplink(options, uplink, metrics, time, loggers);
        var log = loggers.CreateLogger<MessageBuffer>();
        _storage = new BufferStorage(Options.Create(options), metrics, time, log);
        Buffer = new MessageBuffer(Options.Create(options), _storage, metrics, time, log);
    }

    /// <summary>The name under which the hub stores the messages.</summary>
    public string Source => _uplink.Source;

    /// <summary>The client of the hub.</summary>
    public ProtocolClient Client => _uplink.Client;

    /// <summary>How many messages the hub has stored since the start.</summary>
    public long Acknowledged => _uplink.Acknowledged;

    /// <summary>How many messages damage of the buffer's file has taken since the start.</summary>
    public long Damaged => _uplink.Damaged;

    /// <summary>
    /// How many messages the hub has lost since the start after it had acknowledged them, because an older copy of its store was restored.
    /// </summary>
    public long LostByHub => _uplink.LostByHub;

    /// <summary>How many messages are in the buffer.</summary>
    public long Messages => Buffer.State?.Messages ?? 0;

    /// <summary>Why the hub takes no messages; null if it does.</summary>
    public string? UplinkError => State.Error;

    /// <summary>Why the buffer takes no messages; null if it does.</summary>
    public string? BufferError => Buffer.Problem;

    /// <summary>Why the buffer holds less than its settings allow; null if it does not.</summary>
    public string? BufferShortage => Buffer.Shortage;

    /// <summary>Completes when the buffer has changed since the property was read, so that there may be room in it.</summary>
    public Task Changed => Buffer.Changed;

    internal long NewOf(Lane lane) => _uplink.NewOf(lane);

    internal MessageBuffer Buffer { get; }

    internal UplinkState State => _uplink.State;

    internal UplinkSwitch Switch => _uplink.Switch;

    /// <summary>Opens the buffer, and begins to send what is in it.</summary>
    /// <exception cref="IOException">The buffer's folder or file cannot be used; the message names it.</exception>
    public void Start()
    {
        Buffer.Open();
        _running = _uplink.RunAsync(new FileUplinkBuffer(Buffer, _storage, _metrics), _stopping.Token);
    }

    /// <summary>
    /// How far the messages of a lane that are in the buffer, and those that were sent, go in the place that they come from; null if that
    /// is unknown: nothing was added with a position, or damage has taken it.
    /// </summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public Task<long?> ReadPositionAsync(Lane lane, CancellationToken cancellationToken = default) =>
        DoAsync(() => Buffer.RunAsync(file => file.PositionOf(lane), cancellationToken));

    /// <summary>
    /// Waits until the hub has stored all messages of a lane that are in the buffer now, so that what is then added to another lane arrives
    /// after them.
    /// </summary>
    public async Task WaitForAsync(Lane lane, CancellationToken cancellationToken = default)
    {
        for (long? last = null; ;)
        {
            var changed = Buffer.Changed; // read before the state, so that no acknowledgement falls between the two
            var state = Buffer.State?[lane];
            last ??= state?.Next - 1;
            if (state?.Mark >= last)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Adds the first of these messages of one lane, as many as there is room for, and notes in the same transaction how far they go in the
    /// place that they come from. Nothing is dropped for them, and bulk messages leave a tenth of the buffer to alarms.
    /// </summary>
    /// <param name="messages">The messages, all of one lane; one without a time gets that of the clock.</param>
    /// <param name="positions">Their positions in the place that they come from; null: they need none.</param>
    /// <param name="cancellationToken">Stops waiting; the messages may be added all the same.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public async Task<int> AppendAsync(
        IReadOnlyList<Publication> messages, IReadOnlyList<long>? positions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var now = _time.GetUtcNow();
        var rows = messages.Select((one, i) => (BufferedMessage.Of(one, now), positions?[i])).ToList();
        return await DoAsync(() => Buffer.AppendAsync(rows, cancellationToken));
    }

    /// <summary>
    /// Notes that messages of a lane were dropped in the place that they come from. The hub is told behind the messages in the buffer.
    /// </summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public Task NoteDroppedAsync(Lane lane, long count, CancellationToken cancellationToken = default) => DoAsync(() => Buffer.RunAsync(
        file =>
        {
            file.AddLoss(lane, count, LossReason.Full);
            return true;
        },
        cancellationToken));

    /// <summary>
    /// Says how many messages of a lane are new in the place that they come from, whether or not the buffer has room for them yet. The
    /// uplink may send as many beside the backlog, which goes out at <see cref="EdgeOptions.CatchUpRate"/>.
    /// </summary>
    public void NoteNew(Lane lane, long count) => _uplink.NoteNew(lane, count);

    /// <summary>Stops sending, and closes the buffer.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        finally
        {
            await Buffer.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await StopAsync();
        }

        await _uplink.DisposeAsync();
        _stopping.Dispose();
    }

    private static async Task<T> DoAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (BufferException e)
        {
            throw new IOException(e.InnerException?.Message ?? e.Message, e);
        }
    }
}
