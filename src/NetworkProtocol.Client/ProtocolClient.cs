using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Client.Diagnostics;
using NetworkProtocol.Client.Pool;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>
/// A client that survives: it keeps a pool of connections to one or several servers, makes lost ones again, and stops asking servers
/// that do not work (<see cref="CircuitBreaker"/>). For any number of tasks at once, and for as long as the program runs. Nothing is
/// connected before the first call.
/// </summary>
public sealed class ProtocolClient : IAsyncDisposable, IDisposable
{
    private readonly ProtocolClientOptions _options;
    private readonly ConnectionPool _pool;
    private readonly PoolKeeper _keeper;
    private readonly StateJournal _journal;
    private readonly Channel<Message> _unasked;
    private readonly ReusableCalls _calls = new();
    private long _unaskedDropped;

    /// <summary>A client that connects when it is first used.</summary>
    /// <param name="options">Which servers, and how. Later changes to it have no effect.</param>
    /// <param name="logger">Told of connections, losses and breakers; null for nobody.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message says all that is wrong.</exception>
    public ProtocolClient(ProtocolClientOptions options, ILogger<ProtocolClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.ThrowIfBad(options.Check);
        ILogger log = logger ?? NullLogger<ProtocolClient>.Instance;
        _options = options.Copy();
        _unasked = _options.Connection.ShareUnasked(() => Interlocked.Increment(ref _unaskedDropped));
        _journal = new StateJournal(Time, change => Notification.Send(StateChanged, this, change));
        ServerEntry[] servers = [.. _options.Addresses.Select(ServerAddress.Parse).Distinct().Select(CreateServer)];
        Breakers = [.. servers.Select(server => server.Breaker)];
        foreach (var breaker in Breakers)
        {
            breaker.Changed += (_, change) => Log.BreakerChanged(log, breaker.Name, change.From, change.To, change.Reason);
        }

        _pool = new ConnectionPool(_options, servers);
        _keeper = new PoolKeeper(_options, _pool, new ServerSelection([.. servers]), _journal, log);
    }

    /// <summary>Told after each change of <see cref="State"/>, on the thread that caused it: be quick. What a handler throws is ignored.</summary>
    public event EventHandler<ClientStateChange>? StateChanged;

    /// <summary>Whether there is a connection.</summary>
    public ClientState State => _journal.State;

    /// <summary>The circuit breaker of each address.</summary>
    public IReadOnlyList<CircuitBreaker> Breakers { get; }

    /// <summary>The connections that are open at this moment.</summary>
    public IReadOnlyList<ProtocolConnection> Connections => Array.ConvertAll(_pool.Open, pooled => pooled.Connection);

    /// <summary>Callers that wait for a connection or for a place on one.</summary>
    public int Waiting => _pool.Waiting;

    /// <summary>Messages that nobody asked for and nobody read in time (<see cref="ConnectionOptions.UnaskedCapacity"/>).</summary>
    public long UnaskedDropped => Volatile.Read(ref _unaskedDropped);

    /// <summary>Its name in logs and metrics.</summary>
    public string Name => _options.Name;

    private TimeProvider Time => _options.Connection.TimeProvider;

    /// <summary>Makes the connections that are always to be there (<see cref="PoolOptions.MinConnections"/>, at least one), and waits for them.</summary>
    /// <exception cref="ProtocolClientException">They could not be made in the time that a request would wait.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        _keeper.Start();
        await _pool.TakeAsync(Time.GetTimestamp(), mayTry: true, cancellationToken).ConfigureAwait(false);
        try
        {
            await _keeper.Filled.WaitAsync(_options.WaitTimeout, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new ProtocolClientException(
                ProtocolErrorKind.Timeout, $"{Connections.Count} of {_options.Pool.MinConnections} connections within {_options.WaitTimeout}.", e);
        }

        if (_pool.Closed is { } closed)
        {
            throw ProtocolClientException.Copy(closed);
        }
    }

    /// <summary>Sends a Ping, an Echo or a Custom and gives its answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">Gives up waiting; the server may execute the request all the same.</param>
    /// <returns>
    /// The answer; await it once, as any <see cref="ValueTask"/>. Blocking on it before it is complete, or awaiting it again, may throw an
    /// <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// <see cref="ProtocolClientException.Kind"/> says what went wrong, <see cref="ProtocolClientException.MayHaveBeenExecuted"/> whether
    /// the server may have executed the request.
    /// </exception>
    /// <exception cref="ArgumentException">The message is one that has no answer, or is too large for a packet.</exception>
    public ValueTask<Message> RequestAsync(Message message, CancellationToken cancellationToken = default) =>
        RequestAsync(message, default, cancellationToken);

    /// <summary>Sends a Ping, an Echo or a Custom and gives its answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="options">Whether it may be sent twice, and what to do while the breaker is open.</param>
    /// <param name="cancellationToken">Gives up waiting; the server may execute the request all the same.</param>
    /// <returns>
    /// The answer; await it once, as any <see cref="ValueTask"/>. Blocking on it before it is complete, or awaiting it again, may throw an
    /// <see cref="InvalidOperationException"/>.
    /// </returns>
    /// <exception cref="ProtocolClientException">
    /// <see cref="ProtocolClientException.Kind"/> says what went wrong, <see cref="ProtocolClientException.MayHaveBeenExecuted"/> whether
    /// the server may have executed the request.
    /// </exception>
    /// <exception cref="ArgumentException">The message is one that has no answer, or is too large for a packet.</exception>
    public ValueTask<Message> RequestAsync(Message message, RequestOptions options, CancellationToken cancellationToken = default)
    {
        ProtocolConnection.CheckHasAnswer(message);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Message>(cancellationToken);
        }

        _keeper.Start();
        return ClientTelemetry.IsTraced || ClientTelemetry.IsMeasured
            ? ObserveAsync(message, options, cancellationToken)
            : _calls.Begin(RepeatAsync(message, options, cancellationToken));
    }

    /// <summary>
    /// Sends a message without waiting for an answer, on any of the connections. Completes when it is on its way out, which the server
    /// need not have seen: what has to arrive is a request.
    /// </summary>
    /// <exception cref="ProtocolClientException">No connection, as for a request.</exception>
    /// <exception cref="ArgumentException">The message is too large for a packet.</exception>
    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        _keeper.Start();
        var started = Time.GetTimestamp();
        while (true)
        {
            var pooled = await _pool.TakeAsync(started, mayTry: false, cancellationToken).ConfigureAwait(false);
            try
            {
                pooled.Use();
                await pooled.Connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ProtocolClientException e) when (e.WasNeverSent)
            {
                // The connection ended in this moment: another one takes it.
            }
        }
    }

    /// <summary>Messages that nobody asked for, of all connections, until the client is disposed. Of several readers each message goes to one.</summary>
    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken = default) =>
        new ChannelItems<Message>(_unasked.Reader, cancellationToken);

    /// <summary>The present state and then each change, until the client is disposed. Who is behind by more than 100 misses the oldest.</summary>
    public IAsyncEnumerable<ClientStateChange> WatchAsync(CancellationToken cancellationToken = default) => _journal.WatchAsync(cancellationToken);

    /// <summary>Says Disconnect on all connections and closes them; requests without an answer fail.</summary>
    public async ValueTask DisposeAsync()
    {
        var reason = new ProtocolClientException(ProtocolErrorKind.Closed, "The client was disposed.");
        _pool.Close(reason);
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _journal.Enter(ClientState.Closed, null, null);
        _unasked.Writer.TryComplete();
    }

    /// <summary>Begins what <see cref="DisposeAsync"/> does, and does not wait for it.</summary>
    public void Dispose() => _ = DisposeAsync().AsTask();

    private async ValueTask<Message> ObserveAsync(Message message, RequestOptions options, CancellationToken cancellationToken)
    {
        using var activity = ClientTelemetry.StartRequest(message, Name);
        var started = Time.GetTimestamp();
        try
        {
            var answer = await RepeatAsync(message, options, cancellationToken).ConfigureAwait(false);
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

    // What a pooling builder returns is for callers in this class alone: anyone who blocks on it ends the process.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Message> RepeatAsync(Message message, RequestOptions options, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var mayHaveBeenExecuted = false;
        for (var sends = 1; ; sends++)
        {
            try
            {
                var pooled = await _pool.TakeAsync(started, mayTry: true, cancellationToken).ConfigureAwait(false);
                return pooled.Server.Breaker.State == BreakerState.Closed
                    ? await RequestAsync(pooled, message, started, cancellationToken).ConfigureAwait(false)
                    : await TryAsync(pooled, message, started, cancellationToken).ConfigureAwait(false);
            }
            catch (ProtocolClientException e) when (e.WasNeverSent || (MayRepeat(e, options, started) && sends < _options.MaxSends))
            {
                sends -= e.WasNeverSent ? 1 : 0;
                mayHaveBeenExecuted |= e.MayHaveBeenExecuted;
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen && options.Fallback is not null)
            {
                return await options.Fallback(e, cancellationToken).ConfigureAwait(false);
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen
                && _options.WhenDisconnected == WhenDisconnected.Buffer && HasTimeLeft(started))
            {
                sends--;
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield(); // another one is the trial: wait for how it ends
            }
            catch (ProtocolClientException e) when (mayHaveBeenExecuted && !e.MayHaveBeenExecuted)
            {
                throw ProtocolClientException.AfterEarlierSend(e);
            }
        }
    }

    private bool MayRepeat(ProtocolClientException error, RequestOptions options, long started) =>
        (options.Idempotent || error.IsGoodbye) && error.Kind == ProtocolErrorKind.Closed && _pool.Closed is null && HasTimeLeft(started);

    private bool HasTimeLeft(long started) =>
        _options.Connection.RequestTimeout == Timeout.InfiniteTimeSpan || Time.GetElapsedTime(started) < _options.Connection.RequestTimeout;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Message> RequestAsync(PooledConnection pooled, Message message, long started, CancellationToken cancellationToken)
    {
        try
        {
            pooled.Use();
            var answer = await pooled.Connection.RequestAsync(message, started, cancellationToken).ConfigureAwait(false);
            pooled.Server.Breaker.Succeeded();
            return answer;
        }
        catch (ProtocolClientException e)
        {
            pooled.Server.Breaker.Failed(e);
            SuspectIfSilent(pooled, e);
            throw;
        }
    }

    private ValueTask<Message> TryAsync(PooledConnection pooled, Message message, long started, CancellationToken cancellationToken) =>
        pooled.Server.Breaker.ExecuteAsync(
            async (request, token) =>
            {
                try
                {
                    return await request.Connection.Connection.RequestAsync(request.Message, request.Started, token).ConfigureAwait(false);
                }
                catch (ProtocolClientException e)
                {
                    SuspectIfSilent(request.Connection, e);
                    throw;
                }
            },
            (Connection: pooled, Message: message, Started: started),
            cancellationToken);

    private void SuspectIfSilent(PooledConnection pooled, ProtocolClientException error)
    {
        if (error.Kind == ProtocolErrorKind.Timeout)
        {
            pooled.Suspect(Time.GetTimestamp());
        }
    }

    private ServerEntry CreateServer(ServerAddress address) =>
        new(address, new CircuitBreaker($"{_options.Name}:{address}", _options.Breaker, Time));
}
