using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Client.Diagnostics;
using NetworkProtocol.Client.Pool;
using NetworkProtocol.Client.Validation;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>
/// A client that survives failures. It keeps a pool of connections to one or several servers, makes lost connections again, and stops
/// sending requests to servers that do not work (<see cref="CircuitBreaker"/>). Any number of threads may use one client, for as long as
/// the program runs. It connects when it is first used.
/// </summary>
public sealed class ProtocolClient : IAsyncDisposable, IDisposable
{
    private readonly ProtocolClientOptions _options;
    private readonly ConnectionPool _pool;
    private readonly PoolKeeper _keeper;
    private readonly RequestRetry _retry;
    private readonly ClientStatePublisher _state;
    private readonly Channel<Message> _unasked;
    private readonly ReusableCallPool _calls = new();
    private long _unaskedDropped;

    /// <summary>Makes a client. It connects when it is first used.</summary>
    /// <param name="options">The options. Later changes have no effect.</param>
    /// <param name="logger">Receives connections, losses and changes of circuit breakers. Default null: nothing is logged.</param>
    /// <exception cref="ArgumentException">An option is out of its range. The message has all errors.</exception>
    public ProtocolClient(ProtocolClientOptions options, ILogger<ProtocolClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.ThrowIfBad(options.Check);
        ILogger log = logger ?? NullLogger<ProtocolClient>.Instance;
        _options = options.Copy();
        _unasked = _options.Connection.ShareUnasked(() => Interlocked.Increment(ref _unaskedDropped));
        _state = new ClientStatePublisher(Time, change => SafeEvent.Raise(StateChanged, this, change));
        ServerEntry[] servers = [.. _options.Addresses.Select(ServerAddress.Parse).Distinct().Select(CreateServer)];
        Breakers = [.. servers.Select(server => server.Breaker)];
        foreach (var breaker in Breakers)
        {
            breaker.Changed += (_, change) => Log.BreakerChanged(log, breaker.Name, change.From, change.To, change.Reason);
        }

        _pool = new ConnectionPool(_options, servers);
        _keeper = new PoolKeeper(_options, _pool, new ServerSelection([.. servers]), _state, log);
        _retry = new RequestRetry(_options, _pool);
    }

    /// <summary>
    /// Raised after each change of <see cref="State"/>, on the thread that caused the change: a handler should return quickly. Exceptions
    /// of a handler are ignored.
    /// </summary>
    public event EventHandler<ClientStateChange>? StateChanged;

    /// <summary>The present state.</summary>
    public ClientState State => _state.State;

    /// <summary>The circuit breakers, one for each address, in the order of <see cref="ProtocolClientOptions.Addresses"/>.</summary>
    public IReadOnlyList<CircuitBreaker> Breakers { get; }

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<ProtocolConnection> Connections => Array.ConvertAll(_pool.Open, pooled => pooled.Connection);

    /// <summary>The number of callers that wait for a connection, or for a busy connection to accept their request.</summary>
    public int Waiting => _pool.Waiting;

    /// <summary>
    /// The number of messages that answered no request and were dropped because nobody read them in time
    /// (<see cref="ConnectionOptions.UnaskedCapacity"/>).
    /// </summary>
    public long UnaskedDropped => Volatile.Read(ref _unaskedDropped);

    /// <summary>The client's name in logs and metrics.</summary>
    public string Name => _options.Name;

    private TimeProvider Time => _options.Connection.TimeProvider;

    /// <summary>
    /// Makes <see cref="PoolOptions.MinConnections"/> connections, and at least one, and waits for them, as long as a request would wait
    /// for a connection.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. The client keeps connecting.</param>
    /// <exception cref="ProtocolClientException">
    /// The connections could not be made in time, the circuit breakers of all addresses are open, or the client is closed.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        _keeper.Start();
        await _pool.TakeAsync(Time.GetTimestamp(), allowTrial: true, cancellationToken).ConfigureAwait(false);
        try
        {
            await _keeper.Filled.WaitAsync(_options.WaitTimeout, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new ProtocolClientException(
                ProtocolErrorKind.Timeout,
                $"The client made {Connections.Count} of {_options.Pool.MinConnections} connections within {_options.WaitTimeout}.",
                e);
        }

        if (_pool.Closed is { } closed)
        {
            throw ProtocolClientException.Copy(closed);
        }
    }

    /// <summary>Sends a Ping, an Echo or a Custom, and returns the answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">Ends the wait for the answer. The server may execute the request.</param>
    /// <returns>
    /// The answer. Await it once, as any <see cref="ValueTask"/>. Code that blocks on it before it is complete, or awaits it again, may get
    /// an <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// The request has failed. <see cref="ProtocolClientException.Kind"/> tells why, and
    /// <see cref="ProtocolClientException.MayHaveBeenExecuted"/> whether the server may have executed it.
    /// </exception>
    /// <exception cref="ArgumentException">The message has no answer, or is too large for a packet.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Message> RequestAsync(Message message, CancellationToken cancellationToken = default) =>
        RequestAsync(message, default, cancellationToken);

    /// <summary>Sends a Ping, an Echo or a Custom, and returns the answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="options">Whether the client may send the request twice, and what it does while the circuit breakers are open.</param>
    /// <param name="cancellationToken">Ends the wait for the answer. The server may execute the request.</param>
    /// <returns>
    /// The answer. Await it once, as any <see cref="ValueTask"/>. Code that blocks on it before it is complete, or awaits it again, may get
    /// an <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// The request has failed. <see cref="ProtocolClientException.Kind"/> tells why, and
    /// <see cref="ProtocolClientException.MayHaveBeenExecuted"/> whether the server may have executed it.
    /// </exception>
    /// <exception cref="ArgumentException">The message has no answer, or is too large for a packet.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Message> RequestAsync(Message message, RequestOptions options, CancellationToken cancellationToken = default)
    {
        RequestSender.ThrowIfHasNoAnswer(message);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Message>(cancellationToken);
        }

        _keeper.Start();
        return ClientTelemetry.IsTraced || ClientTelemetry.IsMeasured
            ? ObserveAsync(message, options, cancellationToken)
            : _calls.Begin(_retry.RequestAsync(message, options, cancellationToken));
    }

    /// <summary>
    /// Sends a message over any of the connections without waiting for an answer. The task completes when the message is in the send
    /// buffer, which does not prove that the server receives it: send as a request what must arrive.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for a connection, or for room in its send buffer.</param>
    /// <exception cref="ProtocolClientException">There is no connection, as for a request.</exception>
    /// <exception cref="ArgumentException">The message is null, or too large for a packet.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        _keeper.Start();
        var started = Time.GetTimestamp();
        while (true)
        {
            var pooled = await _pool.TakeAsync(started, allowTrial: false, cancellationToken).ConfigureAwait(false);
            try
            {
                pooled.Use();
                await pooled.Connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ProtocolClientException e) when (e.WasNeverSent)
            {
                // The connection has ended since it was chosen, so another one sends the message.
            }
        }
    }

    /// <summary>
    /// Returns the messages of all connections that answer no request, until the client is disposed. If there are several readers, each
    /// message goes to one.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken = default) =>
        new ChannelEnumerable<Message>(_unasked.Reader, cancellationToken);

    /// <summary>
    /// Returns the present state and then each change, until the client is closed. A reader that is more than 100 changes behind misses the
    /// oldest ones.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<ClientStateChange> WatchAsync(CancellationToken cancellationToken = default) =>
        _state.WatchAsync(cancellationToken);

    /// <summary>
    /// Sends Disconnect on all connections and closes them. Requests without an answer fail with <see cref="ProtocolErrorKind.Closed"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var reason = new ProtocolClientException(ProtocolErrorKind.Closed, "The client was disposed.");
        _pool.Close(reason);
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _state.Enter(ClientState.Closed, null, null);
        _unasked.Writer.TryComplete();
    }

    /// <summary>Starts <see cref="DisposeAsync"/> and does not wait for its end.</summary>
    public void Dispose() => _ = DisposeAsync().AsTask();

    private async ValueTask<Message> ObserveAsync(Message message, RequestOptions options, CancellationToken cancellationToken)
    {
        using var activity = ClientTelemetry.StartRequest(message, Name);
        var started = Time.GetTimestamp();
        try
        {
            var answer = await _retry.RequestAsync(message, options, cancellationToken).ConfigureAwait(false);
            ClientTelemetry.Requested(message, Name, Time.GetElapsedTime(started), null);
            return answer;
        }
        catch (Exception e)
        {
            ClientTelemetry.Fail(activity, e);
            ClientTelemetry.Requested(message, Name, Time.GetElapsedTime(started), e);
            throw;
        }
    }

    private ServerEntry CreateServer(ServerAddress address) =>
        new(address, new CircuitBreaker($"{_options.Name}:{address}", _options.Breaker, Time));
}
