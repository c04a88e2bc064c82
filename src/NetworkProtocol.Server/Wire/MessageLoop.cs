using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Wire;

/// <summary>
/// One connection's loop: reads packets, answers them in order, and flushes once for all answers that one read brought. Only this loop
/// writes to the client. Other threads that have something for the client set a flag, or put a message into its outbox, and wake the loop.
/// </summary>
internal sealed class MessageLoop(
    Connection connection, PacketInput input, PacketOutput output, MessageProcessor processor) : IDisposable
{
    /// <summary>How long a client that was told Disconnect, or that still sends, may take to close the connection.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    /// <summary>A client that broke the protocol's rules has received its last answers once it has been silent for this long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes that still get their answers before the client is disconnected; -1 until a disconnect is requested.</summary>
    private long _unanswered = -1;

    private CommandRunner Commands => processor.Commands!;

    private bool HasPushed => connection.Outbox is { HasMessages: true };

    // One long method: each async method that waits would allocate its state anew for each command, and a command must allocate nothing.
    public async Task RunAsync()
    {
        while (!connection.Aborted)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            input.Arrived(buffer);
            var read = buffer.Length;
            var step = ProcessUntilItWaits(ref buffer);
            var rest = buffer.Length;
            var (isHeld, isOpen) = (true, true);
            while (step == ProcessingStep.AwaitHandler)
            {
                if (isHeld && !(Commands.IsQuick && read <= BufferShare.Free))
                {
                    input.Release(buffer);
                    isHeld = false;
                }

                // Answers that are ready do not wait for a handler that may take long.
                var runs = (isHeld || await output.FlushAsync()) && Commands.TryBegin(hasWaited: !isHeld);
                while (runs && Commands.MustWait())
                {
                    if (Commands.HasToFlush || (isOpen && HasPushed))
                    {
                        WritePingIfDue();
                        if (isOpen)
                        {
                            connection.Outbox?.WriteTo(output);
                        }

                        isOpen = await output.FlushAsync();
                    }

                    if (!isOpen || !HasPushed)
                    {
                        await Commands.WakeUpAsync();
                    }
                }

                if (!runs || !Commands.End())
                {
                    await EndAsync(open: false, wasDisconnected: false);
                    return;
                }

                step = ProcessingStep.Continue;
                if (isHeld && !output.IsFull && connection.DisconnectReason == CloseReason.None)
                {
                    step = ProcessUntilItWaits(ref buffer); // requests that arrived together are answered together
                    rest = buffer.Length;
                }
            }

            var kept = !isHeld || Advance(step, buffer);
            if (connection.Aborted)
            {
                return;
            }

            var ending = step == ProcessingStep.End || !kept || (step == ProcessingStep.NeedMore && result.IsCompleted);
            var disconnect = ending || !IsTimeToDisconnect(step, read - rest, rest) ? CloseReason.None : connection.DisconnectReason;
            WriteOwnMessages(disconnect, ending);
            var open = await output.FlushAsync();
            if (disconnect != CloseReason.None || ending || !open)
            {
                await EndAsync(open && !result.IsCompleted, disconnect != CloseReason.None);
                return;
            }

            if (HasPushed)
            {
                input.ReturnAtOnce(); // the remaining pushed messages leave with the next flush
            }
        }
    }

    public void Dispose() => processor.Commands?.GiveUp();

    // The loop waits when its answers fill a flush, or when a handler may take long. It then releases the bytes that it has read.
    private ProcessingStep ProcessUntilItWaits(ref ReadOnlySequence<byte> buffer)
    {
        ProcessingStep step;
        do
        {
            step = processor.ProcessNext(ref buffer);
        }
        while (step == ProcessingStep.Continue && !output.IsFull);

        return step;
    }

    private bool Advance(ProcessingStep step, ReadOnlySequence<byte> rest)
    {
        switch (step)
        {
            case ProcessingStep.NeedMore:
                return input.TryKeep(rest, processor.Needed);
            case ProcessingStep.End:
                input.Drop(rest);
                return true;
            default:
                input.Release(rest);
                return true;
        }
    }

    // A client that is to be disconnected gets the answers to what had been read when the disconnect was requested, and no more: a client
    // that goes on sending must not stay longer for it.
    private bool IsTimeToDisconnect(ProcessingStep step, long taken, long rest)
    {
        if (connection.DisconnectReason == CloseReason.None)
        {
            _unanswered = -1;
            return false;
        }

        _unanswered = _unanswered < 0 ? rest : _unanswered - taken;
        return step == ProcessingStep.NeedMore || _unanswered <= 0;
    }

    private void WriteOwnMessages(CloseReason disconnect, bool ending)
    {
        if (disconnect != CloseReason.None)
        {
            connection.EndWith(disconnect);
            output.Write(new Message.Disconnect());
        }
        else if (!ending)
        {
            if (!output.HasUnsent) // an answer shows as well as a Ping that the server is alive
            {
                WritePingIfDue();
            }

            connection.Outbox?.WriteTo(output);
        }
    }

    private void WritePingIfDue()
    {
        if (connection.Activity.PingDue)
        {
            output.WritePing();
        }
    }

    private async Task EndAsync(bool open, bool wasDisconnected)
    {
        if (connection.Aborted)
        {
            return;
        }

        connection.EndWith(CloseReason.ClientLeft);
        await connection.SendCloseNotifyAsync();
        var wasTold = connection.MessagesSent > 0 || connection.Transport == ConnectionTransport.Tls;
        if (open && wasTold && connection.CloseReason != CloseReason.Disconnect)
        {
            await input.LingerAsync(wasDisconnected ? Linger : Quiet, Linger);
        }
    }
}
