using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Push;

/// <summary>A message that is encoded once for all who get it.</summary>
internal sealed record PushedMessage(string Command, byte[] Encoded);

/// <summary>
/// What is to be sent to one client that it has not asked for: anybody puts messages in, and the connection's own loop takes them out. A
/// connection that takes no pushed messages has none.
/// </summary>
internal sealed class Outbox(Connection connection, BufferBudget budget, ServerMetrics metrics)
{
    public const int MaxMessages = 256;
    public const int MaxBytes = 1024 * 1024;

    /// <summary>What one flush takes along, so that answers and pushed messages hold each other up no longer than that.</summary>
    private const int FlushBytes = 32 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<PushedMessage> _messages = new();
    private long _bytes;
    private long _charged;
    private bool _isClosed;
    private volatile bool _hasMessages;

    /// <summary>The groups that the connection is in. The lock of <see cref="Push.Groups"/> guards it.</summary>
    public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasMessages => _hasMessages;

    /// <summary>Adds a message; false if it is refused.</summary>
    /// <param name="message">The message.</param>
    /// <param name="whenFull">What to do if there is no room.</param>
    /// <param name="wakes">Whether the connection's loop has to be told.</param>
    public bool TryAdd(PushedMessage message, WhenFull whenFull, out bool wakes)
    {
        wakes = false;
        var isTooSlow = false;
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            while (!HasRoomFor(message) && !isTooSlow)
            {
                isTooSlow = whenFull == WhenFull.Disconnect || _messages.Count == 0;
                if (!isTooSlow)
                {
                    Take();
                    metrics.PushDropped(1);
                }
            }

            if (!isTooSlow)
            {
                _messages.Enqueue(message);
                _bytes += message.Encoded.Length;
                wakes = !_hasMessages;
                _hasMessages = true;
                return true;
            }
        }

        metrics.PushDropped(1);
        if (whenFull == WhenFull.Disconnect)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static slow => slow.Abort(CloseReason.SlowReader), connection, preferLocal: false); // it runs what waits for the end
        }

        return false;
    }

    /// <summary>Writes what one flush takes along.</summary>
    public void WriteTo(SessionOutput output)
    {
        for (var written = 0; written < FlushBytes && TryTake() is { } message; written += message.Encoded.Length)
        {
            output.WritePushed(message);
            metrics.PushSent();
        }
    }

    /// <summary>Drops what is left: the connection has ended.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            metrics.PushLost(_messages.Count);
            _messages.Clear();
            _hasMessages = false;
            _bytes = 0;
            Charge(0);
        }
    }

    // Up to a bound of its own each outbox has room, and beyond that as long as all connections together hold too little to worry.
    private bool HasRoomFor(PushedMessage message)
    {
        var bytes = _bytes + message.Encoded.Length;
        return _messages.Count < MaxMessages && bytes <= MaxBytes && Charge(bytes > BufferShare.Free ? bytes : 0);
    }

    private bool Charge(long bytes)
    {
        if (bytes == _charged)
        {
            return true;
        }

        if (!budget.TryHoldPushed(bytes - _charged))
        {
            return false;
        }

        _charged = bytes;
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
        Charge(_bytes > BufferShare.Free ? _bytes : 0);
        return message;
    }
}
