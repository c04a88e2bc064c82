using System.Threading.Channels;
using NetworkProtocol.Client.Connections;

namespace NetworkProtocol.Client.Pool;

/// <summary>A client's state, and everyone who is told of its changes.</summary>
internal sealed class StateJournal(TimeProvider time, Action<ClientStateChange> changed)
{
    /// <summary>Changes that a watcher may be behind; of more it misses the oldest.</summary>
    private const int WatcherCapacity = 100;

    private readonly Lock _telling = new(); // so that changes are told in their order
    private readonly Lock _lock = new();
    private readonly List<Channel<ClientStateChange>> _watchers = [];
    private ClientStateChange _current = new(time.GetUtcNow(), ClientState.Idle, null, null);

    public ClientState State => Volatile.Read(ref _current).State;

    public ProtocolClientException? LastError { get; private set; }

    public void Enter(ClientState state, ServerAddress? address, ProtocolClientException? error)
    {
        lock (_telling)
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

    public IAsyncEnumerable<ClientStateChange> WatchAsync(CancellationToken cancellationToken) =>
        new ChannelItems<ClientStateChange>(Enter, Leave, cancellationToken);

    private ChannelReader<ClientStateChange> Enter()
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

    private void Leave(ChannelReader<ClientStateChange> watcher)
    {
        lock (_lock)
        {
            _watchers.RemoveAll(other => other.Reader == watcher);
        }
    }
}
