using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Wire;

/// <summary>A session's way in: wakes for each packet, but not for each piece of a large one.</summary>
internal sealed class PacketInput(PipeReader input, Connection connection, BufferShare share, TimeProvider time)
{
    private long _kept;
    private long _arrived;
    private long _packetStarted;
    private bool _isNew;
    private bool _returnsAtOnce;
    private int _awaited;

    /// <summary>Reads; <see cref="Arrived"/> wants to see the result.</summary>
    public ValueTask<ReadResult> ReadAsync()
    {
        WatchPacket();
        var read = _awaited > 0 ? input.ReadAtLeastAsync(_awaited) : input.ReadAsync();
        if (_returnsAtOnce && !read.IsCompleted)
        {
            input.CancelPendingRead(); // not before it: over TLS nothing would be read at all
        }

        _returnsAtOnce = false;
        return read;
    }

    /// <summary>Has the next read return at once, with what there is.</summary>
    public void ReturnAtOnce() => _returnsAtOnce = true;

    /// <summary>Notes a sign of life: a nudge brings a result, too, but nothing new.</summary>
    public void Arrived(in ReadOnlySequence<byte> buffer)
    {
        _arrived = buffer.Length;
        connection.Activity.PacketStarted = 0; // the time of what is done now is not the client's
        if (_arrived > _kept)
        {
            connection.Activity.LastReceived = time.GetTimestamp();
        }
    }

    /// <summary>Keeps what is not a whole packet yet; false if all connections together hold too much of that.</summary>
    /// <param name="rest">What is left.</param>
    /// <param name="needed">How long it has to be to be whole.</param>
    public bool TryKeep(ReadOnlySequence<byte> rest, int needed)
    {
        _kept = rest.Length;
        _isNew = _kept < _arrived || _packetStarted == 0; // packets before it were taken, or it is the first
        connection.Activity.PacketStarted = _isNew ? 0 : _packetStarted; // the budget judges by it
        connection.Activity.PacketBytes = needed;
        if (needed <= BufferShare.Free)
        {
            _awaited = 0;
            share.Release(BufferUse.Packet);
            input.AdvanceTo(rest.Start, rest.End);
            return true;
        }

        _awaited = (int)Math.Min(needed, Math.Max(BufferShare.Free, 2 * _kept));
        var good = share.TryHold(BufferUse.Packet, Math.Max(_awaited, BufferShare.Free + 1));
        input.AdvanceTo(rest.Start); // ReadAtLeast counts what was examined before as not there
        return good;
    }

    /// <summary>Lets go of what was taken; the rest comes again with the next read.</summary>
    public void Release(ReadOnlySequence<byte> rest) => Advance(rest, rest.Start);

    /// <summary>Lets go of all.</summary>
    public void Drop(ReadOnlySequence<byte> rest) => Advance(rest.Slice(rest.End), rest.End);

    /// <summary>
    /// Reads and drops until the client closes, or is quiet, or the patience is over: closing with unread bytes resets
    /// the connection and may take the last answers with it.
    /// </summary>
    public async Task LingerAsync(TimeSpan quiet, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var silence = new CancellationTokenSource(quiet, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, silence.Token);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(either.Token);
                var came = !result.Buffer.IsEmpty;
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }

                if (came)
                {
                    silence.CancelAfter(quiet);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client did not close in time: we do.
        }
    }

    private void Advance(ReadOnlySequence<byte> rest, SequencePosition examined)
    {
        _kept = rest.Length;
        _packetStarted = 0;
        _isNew = false;
        _awaited = 0;
        share.Release(BufferUse.Packet);
        input.AdvanceTo(rest.Start, examined);
    }

    // The sweeper ends a client that does not finish in time what it has begun. The time begins with the next read: until then answers are
    // sent, which has its own limit.
    private void WatchPacket()
    {
        if (_kept == 0)
        {
            _packetStarted = 0;
        }
        else if (_isNew)
        {
            _packetStarted = time.GetTimestamp();
        }

        _isNew = false;
        connection.Activity.PacketStarted = _packetStarted;
    }
}
