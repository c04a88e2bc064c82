using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>A session's way in: wakes for each packet, but not for each piece of a large one.</summary>
internal sealed class SessionInput(PipeReader input, Connection connection, BufferBudget budget, TimeProvider time) : IDisposable
{
    /// <summary>Up to here each piece is looked at as it comes, and none is charged to the budget.</summary>
    private const int SmallPacket = 64 * 1024;

    private long _buffered;
    private long _taken;
    private int _awaited;

    /// <summary>Reads; <see cref="Arrived"/> wants to see the result.</summary>
    public ValueTask<ReadResult> ReadAsync() => _awaited > 0 ? input.ReadAtLeastAsync(_awaited) : input.ReadAsync();

    /// <summary>Notes a sign of life: a nudge brings a result, too, but nothing new.</summary>
    public void Arrived(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length > _buffered)
        {
            Volatile.Write(ref connection.LastReceived, time.GetTimestamp());
        }
    }

    /// <summary>Keeps what is not a whole packet yet; false if all connections together hold too much of that.</summary>
    /// <param name="rest">What is left.</param>
    /// <param name="needed">How long it has to be to be whole.</param>
    public bool TryKeep(ReadOnlySequence<byte> rest, int needed)
    {
        _buffered = rest.Length;
        if (needed <= SmallPacket)
        {
            _awaited = 0;
            Charge(0);
            input.AdvanceTo(rest.Start, rest.End);
            return true;
        }

        _awaited = (int)Math.Min(needed, Math.Max(SmallPacket, 2 * _buffered));
        var good = Charge(_awaited);
        input.AdvanceTo(rest.Start); // ReadAtLeast counts what was examined before as not there
        return good;
    }

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

    public void Dispose() => Charge(0);

    private bool Charge(long bytes)
    {
        var more = bytes - _taken;
        if (more > 0 && !budget.TryTake(more))
        {
            return false;
        }

        if (more < 0)
        {
            budget.Return(-more);
        }

        _taken = bytes;
        return true;
    }
}
