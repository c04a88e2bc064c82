using System.IO.Pipelines;
using System.Threading.Channels;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client;

/// <summary>
/// One connection to a server, for many tasks at once: requests are sent as they come and matched to their answers in order
/// (wire protocol, section 7). It ends when it is lost; <see cref="ProtocolClient"/> makes new ones.
/// </summary>
public sealed class ProtocolConnection : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly SecureChannel? _channel;
    private readonly ConnectionOptions _options;
    private readonly SemaphoreSlim _slots;
    private readonly AnswerOrder _order;
    private readonly PacketSender _sender;
    private readonly ConnectionClock _clock;
    private readonly Channel<Message> _unasked;
    private readonly TaskCompletionSource<ProtocolClientException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private long _dropped;

    private ProtocolConnection(ServerAddress address, Link link, ConnectionOptions options)
    {
        Address = address;
        (_stream, _input, _channel, _options) = (link.Stream, link.Input, link.Channel, options);
        _slots = new SemaphoreSlim(options.MaxRequestsInFlight);
        _order = new AnswerOrder(options.AcceptAnyCommandAsAnswer, FreeSlot);
        _sender = new PacketSender(_stream, _channel, _order, options.MaxUnsentBytes, e => End(Lost(e)));
        _unasked = options.SharedUnasked ?? options.CreateUnasked(() => Interlocked.Increment(ref _dropped));
        _clock = new ConnectionClock(options, _order, _sender, End);
        _receiving = Detached.RunAsync(new PacketReceiver(_input, _channel, _order, Take, _clock.Arrived, End).RunAsync);
    }

    /// <summary>The server.</summary>
    public ServerAddress Address { get; }

    /// <summary>How long the last Ping took to be answered; null before the first.</summary>
    public TimeSpan? RoundTripTime => _clock.RoundTripTime;

    /// <summary>Requests without an answer, those whose callers have given up among them.</summary>
    public int RequestsInFlight => _options.MaxRequestsInFlight - _slots.CurrentCount;

    /// <summary>Messages that nobody asked for and nobody read in time (<see cref="ConnectionOptions.UnaskedCapacity"/>).</summary>
    public long UnaskedDropped => Volatile.Read(ref _dropped);

    /// <summary>Completes when the connection is closed, with the reason; it never fails.</summary>
    public Task<ProtocolClientException> Closed => _ended.Task;

    /// <summary>Told each time a request has left its slot; for who has chosen this connection among others.</summary>
    internal Action? SlotFreed { get; set; }

    /// <summary>When the server last said something: a timestamp.</summary>
    internal long LastReceived => _clock.LastReceived;

    /// <summary>Told once when the connection ends, unless it was set too late: whoever sets it looks at <see cref="IsOpen"/> then.</summary>
    internal Action<ProtocolClientException>? Ended { get; set; }

    internal bool IsOpen => !_ended.Task.IsCompleted;

    /// <summary>Connects, and completes the handshake that the address and the options ask for.</summary>
    /// <param name="address">The server.</param>
    /// <param name="options">How; null for the defaults. Later changes to it have no effect.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProtocolClientException">No connection, TLS or handshake failed, or the time ran out.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ProtocolConnection> ConnectAsync(
        ServerAddress address, ConnectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options = (options ?? new ConnectionOptions()).Validated();
        return new ProtocolConnection(
            address, await Connector.ConnectAsync(address, options, cancellationToken).ConfigureAwait(false), options);
    }

    /// <summary>Sends a Ping, an Echo or a Custom and gives its answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">
    /// Gives up waiting. The request keeps its place, so that the answers of others never shift, and the server may execute it.
    /// </param>
    /// <returns>
    /// The answer; await it once, as any <see cref="ValueTask"/>. Blocking on it before it is complete, or awaiting it again, may throw an
    /// <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// The server answered with ERROR, <see cref="ConnectionOptions.RequestTimeout"/> ran out, or the connection is closed or lost.
    /// </exception>
    /// <exception cref="ArgumentException">The message is one that has no answer, or is too large for a packet.</exception>
    /// <remarks>
    /// The protocol has no request numbers. A command that the server answers with nothing is for <see cref="SendAsync"/>: asked for
    /// here it fails when something later is answered, but the answer to a later request with the same command is taken for its own.
    /// </remarks>
    public ValueTask<Message> RequestAsync(Message message, CancellationToken cancellationToken = default)
    {
        CheckHasAnswer(message);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Message>(cancellationToken);
        }

        return RequestAsync(message, _options.TimeProvider.GetTimestamp(), cancellationToken);
    }

    /// <summary>
    /// Sends a message without waiting for an answer; should the server answer it, <see cref="ReadAllAsync"/> has that. Completes
    /// when the message is on its way out, which the server need not have seen.
    /// </summary>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    /// <exception cref="ArgumentException">The message is too large for a packet.</exception>
    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        while (!_sender.TryWrite(message))
        {
            await _sender.RoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Messages that nobody asked for, until the connection is closed. Of several readers each message goes to one.</summary>
    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken = default) =>
        new ChannelItems<Message>(_unasked.Reader, cancellationToken);

    /// <summary>Says Disconnect and closes; requests without an answer fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen)
        {
            _sender.WriteUrgently(Message.Disconnect.Instance, null);
            await Task.WhenAny(_sender.DrainedAsync(), _ended.Task, Task.Delay(GoodbyePatience, _options.TimeProvider)).ConfigureAwait(false);
        }

        End(new ProtocolClientException(ProtocolErrorKind.Closed, "The connection was closed by this side."));
        await _receiving.ConfigureAwait(false);
        await _clock.DisposeAsync().ConfigureAwait(false);
        _channel?.Dispose();
    }

    internal static void CheckHasAnswer(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message is not (Message.Ping or Message.Echo or Message.Custom))
        {
            throw new ArgumentException($"{message.Tag} has no answer: use {nameof(SendAsync)}.", nameof(message));
        }
    }

    /// <summary>Sends a request whose time has begun already.</summary>
    internal ValueTask<Message> RequestAsync(Message message, long started, CancellationToken cancellationToken)
    {
        try
        {
            if (_slots.Wait(0, CancellationToken.None))
            {
                if (TryWrite(message, started, cancellationToken, out var answer))
                {
                    return answer;
                }

                FreeSlot();
            }
        }
        catch (ProtocolClientException e)
        {
            return ValueTask.FromException<Message>(e);
        }

        return WaitAndRequestAsync(message, started, cancellationToken);
    }

    private async ValueTask<Message> WaitAndRequestAsync(Message message, long started, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeLeft(started), _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _slots.WaitAsync(either.Token).ConfigureAwait(false);
            ValueTask<Message> answer;
            while (!TryWrite(message, started, cancellationToken, out answer))
            {
                await WaitForRoomAsync(either.Token).ConfigureAwait(false);
            }

            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ProtocolClientException(ProtocolErrorKind.Timeout, $"Not sent within {_options.RequestTimeout}: too many requests wait.", e);
        }
    }

    private TimeSpan TimeLeft(long started)
    {
        var left = _options.RequestTimeout - _options.TimeProvider.GetElapsedTime(started);
        return _options.RequestTimeout == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan
            : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _sender.RoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            FreeSlot();
            throw;
        }
    }

    private bool TryWrite(Message message, long started, CancellationToken cancellationToken, out ValueTask<Message> answer)
    {
        var request = _order.Rent();
        answer = request.Begin(message, started, cancellationToken);
        try
        {
            if (_sender.TryWrite(_options.SendTraceContext ? ClientTelemetry.WithTraceContext(message) : message, request))
            {
                return true;
            }

            request.Abandon();
            return false;
        }
        catch
        {
            request.Abandon();
            FreeSlot();
            throw;
        }
    }

    private void FreeSlot()
    {
        _slots.Release();
        SlotFreed?.Invoke();
    }

    private void Take(Message message)
    {
        if (message is Message.Ping)
        {
            _sender.WriteUrgently(Message.Pong.Instance, null);
        }
        else if (_order.TryAnswer(message, out var started))
        {
            _clock.Answered(message, started);
        }
        else if (IsOpen)
        {
            _unasked.Writer.TryWrite(message); // at the end of the connection it may be the answer to a request that has failed
        }
    }

    private void End(ProtocolClientException reason)
    {
        if (!_ended.TrySetResult(reason))
        {
            return;
        }

        TellEnded(reason); // before its requests fail, so that a repetition does not come here
        FailRequests(reason);
        CloseStream();
    }

    private void TellEnded(ProtocolClientException reason)
    {
        try
        {
            Ended?.Invoke(reason);
        }
#pragma warning disable CA1031 // A logger of another's making may throw anything, here on a timer's thread, and the requests must be told.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The connection is at its end either way.
        }
    }

    private void FailRequests(ProtocolClientException reason)
    {
        _sender.Close(reason);
        var begun = _sender.Begun;
        var first = true;
        _order.FailAll(request =>
        {
            var error = ProtocolClientException.Copy(reason, wasNeverSent: request.Position > begun, isRepeated: !first);
            first = false;
            return error;
        });
        if (_options.SharedUnasked is null)
        {
            _unasked.Writer.TryComplete();
        }
    }

    private void CloseStream()
    {
        try
        {
            _input.CancelPendingRead(); // a stream of another's making may go on reading when it is closed
            _stream.Dispose();
        }
#pragma warning disable CA1031 // A stream of another's making (ConnectionOptions.Dial) may fail with anything, here on a timer's thread.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It is at its end either way.
        }
    }

    private static ProtocolClientException Lost(Exception e) =>
        new(ProtocolErrorKind.Closed, $"The connection was lost: {e.Message}", e);
}
