using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Push;

/// <summary>
/// The messages that are pushed to one client. Any thread puts messages in, and the connection's own loop takes them out. A connection that
/// takes no pushed messages has no outbox.
/// </summary>
internal sealed class Outbox(Connection connection, BufferBudget budget, ServerMetrics metrics, ErrorLog errors)
{
    public const int MaxMessages = 256;
    public const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// The most bytes of pushed messages in one flush, so that answers and pushed messages do not delay each other for long.
    /// </summary>
    private const int FlushBytes = 32 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<PushedMessage> _messages = new();
    private long _bytes;
    private long _charged;
    private bool _isClosed;
    private volatile bool _hasMessages;

    private Connection Connection => connection;

    private ErrorLog Errors => errors;

    /// <summary>The groups that the connection is in. The lock of <see cref="Push.Groups"/> guards it.</summary>
    public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether messages wait to be sent.</summary>
    public bool HasMessages => _hasMessages;

    /// <summary>Adds a message; false if the outbox refuses it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="whenFull">What to do if there is no room.</param>
    /// <param name="wakes">Whether the caller has to wake the connection's loop.</param>
    public bool TryAdd(PushedMessage message, WhenFull whenFull, out bool wakes)
    {
        wakes = false;
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            while (IsFullFor(message))
            {
                if (whenFull == WhenFull.Disconnect)
                {
                    metrics.PushDropped(1);
                    _isClosed = true;
                    Disconnect();
                    return false;
                }

                Take();
                metrics.PushDropped(1);
            }

            if (!TryCharge(_bytes + message.Encoded.Length))
            {
                metrics.PushDropped(1);
                return false; // other outboxes hold too much, which is not this client's fault, so its connection stays
            }

            _messages.Enqueue(message);
            _bytes += message.Encoded.Length;
            wakes = !_hasMessages;
            _hasMessages = true;
            return true;
        }
    }

    /// <summary>Writes the messages of one flush.</summary>
    public void WriteTo(PacketOutput output)
    {
        for (var written = 0; written < FlushBytes && TryTake() is { } message; written += message.Encoded.Length)
        {
            output.WritePushed(message);
            metrics.PushSent();
        }
    }

    /// <summary>Drops the messages that are left, because the connection has ended.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            metrics.PushLost(_messages.Count);
            _messages.Clear();
            _hasMessages = false;
            _bytes = 0;
            TryCharge(0);
        }
    }

    private bool IsFullFor(PushedMessage message) => _messages.Count >= MaxMessages || _bytes + message.Encoded.Length > MaxBytes;

    // On another thread, because an abort may run code that waits for the connection's end.
    private void Disconnect() => ThreadPool.UnsafeQueueUserWorkItem(
        static outbox =>
        {
            outbox.Errors.Add(CloseReason.SlowReader.ToName(), outbox.Connection, CloseReason.SlowReader.ToText());
            outbox.Connection.Abort(CloseReason.SlowReader);
        },
        this,
        preferLocal: false);

    // An outbox may always hold its free share; beyond that the budget limits what all outboxes together hold.
    private bool TryCharge(long bytes)
    {
        var charged = bytes > BufferShare.Free ? bytes : 0;
        if (charged != _charged && !budget.TryHoldPushed(charged - _charged))
        {
            return false;
        }

        _charged = charged;
        return true;
    }

    private PushedMessage? TryTake()
    {
        lock (_lock)
        {
            return _messages.Count > 0 ? Take() : null;
        }
    }

    private PushedMessage Take()
    {
        var message = _messages.Dequeue();
        _bytes -= message.Encoded.Length;
        _hasMessages = _messages.Count > 0;
        TryCharge(_bytes);
        return message;
    }
}
