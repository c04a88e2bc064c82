using System.IO.Pipelines;
using System.Threading.Channels;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client;

/// <summary>
/// One connection to a server. Any number of threads may use it at once: requests are sent in the order in which callers make them, and
/// answers are matched to them in the same order (wire protocol, section 7). A connection that is lost stays closed;
/// <see cref="ProtocolClient"/> makes new connections.
/// </summary>
public sealed class ProtocolConnection : IAsyncDisposable
{
    /// <summary>The longest time that <see cref="DisposeAsync"/> waits until Disconnect is sent.</summary>
    private static readonly TimeSpan DisconnectTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly SecureChannel? _channel;
    private readonly ConnectionOptions _options;
    private readonly RequestSlots _slots;
    private readonly AnswerOrder _order;
    private readonly PacketSender _sender;
    private readonly RequestSender _requests;
    private readonly ConnectionTimer _timer;
    private readonly Channel<Message> _unasked;
    private readonly TaskCompletionSource<ProtocolClientException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private long _dropped;

    private ProtocolConnection(ServerAddress address, EstablishedStream established, ConnectionOptions options)
    {
        Address = address;
        (_stream, _input, _channel, _options) = (established.Stream, established.Input, established.Channel, options);
        _slots = new RequestSlots(options.MaxRequestsInFlight);
        _order = new AnswerOrder(options.AcceptAnyCommandAsAnswer, _slots.Free);
        _sender = new PacketSender(_stream, _channel, _order, options.MaxUnsentBytes, e => End(Lost(e)));
        _requests = new RequestSender(options, _order, _sender, _slots);
        _unasked = options.SharedUnasked ?? options.CreateUnasked(() => Interlocked.Increment(ref _dropped));
        _timer = new ConnectionTimer(options, _order, _sender, End);
        _receiving = BackgroundTask.RunAsync(new PacketReceiver(_input, _channel, _order, OnMessage, _timer.Received, End).RunAsync);
    }

    /// <summary>The server's address.</summary>
    public ServerAddress Address { get; }

    /// <summary>The time between the last answered Ping and its Pong. Null until the first Pong.</summary>
    public TimeSpan? RoundTripTime => _timer.RoundTripTime;

    /// <summary>The number of requests without an answer, including those whose callers have given up.</summary>
    public int RequestsInFlight => _slots.InUse;

    /// <summary>
    /// The number of messages that answered no request and were dropped because nobody read them in time
    /// (<see cref="ConnectionOptions.UnaskedCapacity"/>).
    /// </summary>
    public long UnaskedDropped => Volatile.Read(ref _dropped);

    /// <summary>Completes with the reason when the connection is closed. It never fails.</summary>
    public Task<ProtocolClientException> Closed => _ended.Task;

    /// <summary>The slots of requests in flight.</summary>
    internal RequestSlots Slots => _slots;

    /// <summary>The timestamp at which the last bytes of the server were received.</summary>
    internal long LastReceived => _timer.LastReceived;

    /// <summary>
    /// Called once when the connection ends. If the connection has ended before this is set, it may not be called: check
    /// <see cref="IsOpen"/> after setting it.
    /// </summary>
    internal Action<ProtocolClientException>? Ended { get; set; }

    internal bool IsOpen => !_ended.Task.IsCompleted;

    /// <summary>Connects to a server, and completes the handshake that the address and the options ask for.</summary>
    /// <param name="address">The server's address.</param>
    /// <param name="options">The options. Later changes have no effect. Default null: the defaults.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="ProtocolClientException">
    /// The client could not connect, TLS or the handshake failed, or <see cref="ConnectionOptions.ConnectTimeout"/> is over.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of its range, or the address is null.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ProtocolConnection> ConnectAsync(
        ServerAddress address, ConnectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options = (options ?? new ConnectionOptions()).Validated();
        return new ProtocolConnection(
            address, await Connector.ConnectAsync(address, options, cancellationToken).ConfigureAwait(false), options);
    }

    /// <summary>Sends a Ping, an Echo or a Custom, and returns the answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for the answer. The request keeps its place in the order of answers, so that every other request still gets its own
    /// answer. The server may execute the request.
    /// </param>
    /// <returns>
    /// The answer. Await it once, as any <see cref="ValueTask"/>. Code that blocks on it before it is complete, or awaits it again, may get
    /// an <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// The server answered with ERROR, <see cref="ConnectionOptions.RequestTimeout"/> is over, or the connection is closed or lost.
    /// </exception>
    /// <exception cref="ArgumentException">The message has no answer, or is too large for a packet.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <remarks>
    /// The protocol has no request numbers. Use <see cref="SendAsync"/> for a command that the server does not answer. Made as a request,
    /// such a command fails when the server answers a later request. But if that later request has the same command, the first request
    /// gets its answer.
    /// </remarks>
    public ValueTask<Message> RequestAsync(Message message, CancellationToken cancellationToken = default)
    {
        RequestSender.ThrowIfHasNoAnswer(message);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<Message>(cancellationToken)
            : RequestAsync(message, _options.TimeProvider.GetTimestamp(), cancellationToken);
    }

    /// <summary>
    /// Sends a message without waiting for an answer. If the server answers the message, <see cref="ReadAllAsync"/> returns the answer.
    /// The task completes when the message is in the send buffer, which does not prove that the server receives it.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for room in the send buffer.</param>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    /// <exception cref="ArgumentException">The message is null, or too large for a packet.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        while (!_sender.TryWrite(message))
        {
            await _sender.RoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the messages that answer no request, until the connection is closed. If there are several readers, each message goes to one.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken = default) =>
        new ChannelEnumerable<Message>(_unasked.Reader, cancellationToken);

    /// <summary>
    /// Sends Disconnect, waits at most 1 s until it is sent, and closes the connection. Requests without an answer fail with
    /// <see cref="ProtocolErrorKind.Closed"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen)
        {
            _sender.WriteUrgently(Message.Disconnect.Instance, null);
            var timeout = Task.Delay(DisconnectTimeout, _options.TimeProvider);
            await Task.WhenAny(_sender.DrainedAsync(), _ended.Task, timeout).ConfigureAwait(false);
        }

        End(new ProtocolClientException(ProtocolErrorKind.Closed, "The connection was closed by this side."));
        await _receiving.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _channel?.Dispose();
    }

    /// <summary>Sends a request whose timeout counts from an earlier timestamp.</summary>
    internal ValueTask<Message> RequestAsync(Message message, long started, CancellationToken cancellationToken) =>
        _requests.RequestAsync(message, started, cancellationToken);

    private void OnMessage(Message message)
    {
        if (message is Message.Ping)
        {
            _sender.WriteUrgently(Message.Pong.Instance, null);
        }
        else if (_order.TryAnswer(message, out var started))
        {
            _timer.Answered(message, started);
        }
        else if (IsOpen)
        {
            _unasked.Writer.TryWrite(message); // after the end of the connection it may be the answer to a request that has failed
        }
    }

    private void End(ProtocolClientException reason)
    {
        if (!_ended.TrySetResult(reason))
        {
            return;
        }

        RaiseEnded(reason); // before the requests fail, so that no retry of theirs chooses this connection
        FailRequests(reason);
        CloseStream();
    }

    private void RaiseEnded(ProtocolClientException reason)
    {
        try
        {
            Ended?.Invoke(reason);
        }
#pragma warning disable CA1031 // A user's logger may throw anything, here on a timer's thread, and the requests must still fail.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The connection ends either way.
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
            _input.CancelPendingRead(); // a user's stream may keep reading after it is closed
            _stream.Dispose();
        }
#pragma warning disable CA1031 // A user's stream (ConnectionOptions.Dial) may throw anything, here on a timer's thread.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The stream ends either way.
        }
    }

    private static ProtocolClientException Lost(Exception e) =>
        new(ProtocolErrorKind.Closed, $"The connection was lost: {e.Message}", e);
}
