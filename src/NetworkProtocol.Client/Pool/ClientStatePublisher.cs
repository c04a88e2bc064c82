using System.Threading.Channels;
using NetworkProtocol.Client.Connections;

namespace NetworkProtocol.Client.Pool;

/// <summary>Holds a client's state and publishes its changes to the event and to the watchers.</summary>
/// <param name="time">The clock.</param>
/// <param name="changed">Called after each change, one change at a time and in order.</param>
internal sealed class ClientStatePublisher(TimeProvider time, Action<ClientStateChange> changed)
{
    /// <summary>The number of changes that a slow watcher can still read. It misses older ones.</summary>
    private const int WatcherCapacity = 100;

    private readonly Lock _publishing = new(); // held while a change is published, so that changes are published in order
    private readonly Lock _lock = new();
    private readonly List<Channel<ClientStateChange>> _watchers = [];
    private ClientStateChange _current = new(time.GetUtcNow(), ClientState.Idle, null, null);

    /// <summary>The present state.</summary>
    public ClientState State => Volatile.Read(ref _current).State;

    /// <summary>The last error that led to a change or would have led to one. Null: there was none.</summary>
    public ProtocolClientException? LastError { get; private set; }

    /// <summary>Enters a state, and publishes the change. Does nothing if the state is the same, or the client is closed.</summary>
    public void Enter(ClientState state, ServerAddress? address, ProtocolClientException? error)
    {
        lock (_publishing)
        {
            if (TryEnter(state, address, error) is { } change)
            {
                changed(change);
            }
        }
    }

    private ClientStateChange? TryEnter(ClientState state, ServerAddress? address, ProtocolClientException? error)
    {
        lock (_lock)
        {
            LastError = error ?? LastError;
            if (_current.State == state || _current.State == ClientState.Closed)
            {
                return null;
            }

            var change = new ClientStateChange(time.GetUtcNow(), state, address, error);
            Volatile.Write(ref _current, change);
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(change);
                if (state == ClientState.Closed)
                {
                    watcher.Writer.TryComplete();
                }
            }

            return change;
        }
    }

    /// <summary>Returns the present state, and then each change until the client is closed.</summary>
    public IAsyncEnumerable<ClientStateChange> WatchAsync(CancellationToken cancellationToken) =>
        new ChannelEnumerable<ClientStateChange>(AddWatcher, RemoveWatcher, cancellationToken);

    private ChannelReader<ClientStateChange> AddWatcher()
    {
        var watcher = Channel.CreateBounded<ClientStateChange>(
            new BoundedChannelOptions(WatcherCapacity) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            watcher.Writer.TryWrite(_current);
            _watchers.Add(watcher);
            if (_current.State == ClientState.Closed)
            {
                watcher.Writer.TryComplete();
            }
        }

        return watcher.Reader;
    }

    private void RemoveWatcher(ChannelReader<ClientStateChange> watcher)
    {
        lock (_lock)
        {
            _watchers.RemoveAll(other => other.Reader == watcher);
        }
    }
}
