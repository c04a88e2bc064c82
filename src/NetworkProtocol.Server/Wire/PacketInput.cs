using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Wire;

/// <summary>
/// The input of a message loop. A read completes for each packet, but not for each piece of a large packet.
/// </summary>
internal sealed class PacketInput(PipeReader input, Connection connection, BufferShare share, TimeProvider time)
{
    private long _kept;
    private long _arrived;
    private long _packetStarted;
    private bool _isNew;
    private bool _returnsAtOnce;
    private int _awaited;

    /// <summary>Reads. The caller has to give the result to <see cref="Arrived"/>.</summary>
    public ValueTask<ReadResult> ReadAsync()
    {
        WatchPacket();
        var read = _awaited > 0 ? input.ReadAtLeastAsync(_awaited) : input.ReadAsync();
        if (_returnsAtOnce && !read.IsCompleted)
        {
            input.CancelPendingRead(); // not before the read, which would then read nothing at all over TLS
        }

        _returnsAtOnce = false;
        return read;
    }

    /// <summary>Has the next read return at once, with the bytes that have arrived.</summary>
    public void ReturnAtOnce() => _returnsAtOnce = true;

    /// <summary>Notes that the client is alive, if the read brought new bytes. A read also completes when the loop is woken.</summary>
    public void Arrived(in ReadOnlySequence<byte> buffer)
    {
        _arrived = buffer.Length;
        connection.Activity.PacketStarted = 0; // the time until the next read is the server's and not the client's
        if (_arrived > _kept)
        {
            connection.Activity.LastReceived = time.GetTimestamp();
        }
    }

    /// <summary>Keeps the part of a packet that has arrived; false if the budget has no room for the packet.</summary>
    /// <param name="rest">The bytes that have arrived.</param>
    /// <param name="needed">The length of the whole packet.</param>
    public bool TryKeep(ReadOnlySequence<byte> rest, int needed)
    {
        _kept = rest.Length;
        _isNew = _kept < _arrived || _packetStarted == 0; // packets before this one were processed, or it is the first
        connection.Activity.PacketStarted = _isNew ? 0 : _packetStarted; // the budget judges the connection by this time
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
        input.AdvanceTo(rest.Start); // ReadAtLeast does not count bytes that were examined before
        return good;
    }

    /// <summary>Releases the bytes that were processed; the next read returns the rest again.</summary>
    public void Release(ReadOnlySequence<byte> rest) => Advance(rest, rest.Start);

    /// <summary>Releases all bytes.</summary>
    public void Drop(ReadOnlySequence<byte> rest) => Advance(rest.Slice(rest.End), rest.End);

    /// <summary>
    /// Reads and drops bytes until the client closes, is silent for <paramref name="quiet"/>, or <paramref name="patience"/> is over.
    /// Closing with unread bytes would reset the connection, and the client could lose its last answers.
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
            // The client did not close in time, so the server does.
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

    // The sweeper ends a client that does not finish a packet in time. The time begins with the next read: until then the server sends
    // answers, for which the client has another limit.
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
