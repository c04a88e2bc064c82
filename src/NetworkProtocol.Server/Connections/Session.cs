using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// Messages until an end: one at a time and in order, one flush for all that one read brought. Only this loop writes. Others who have something
/// for the client set a flag, or put a message into its outbox, and wake the loop.
/// </summary>
internal sealed class Session(
    Connection connection,
    SecureChannel? channel,
    SessionInput input,
    SessionOutput output,
    BufferShare share,
    Dispatcher dispatcher,
    ServerMetrics metrics,
    ErrorLog errors,
    TimeProvider time) : IDisposable
{
    /// <summary>How long a client that was told Disconnect, or that is still sending, may take to close.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    /// <summary>A client that breaks the rules has had its last answers when it is silent for so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private CommandRunner? _commands;
    private long _owed = -1;
    private int _needed;
    private int _packetBytes;

    private const string TooManyRequests = "The server runs too many large requests at this moment. Try again later.";

    private enum Step
    {
        NeedMore,
        Continue,
        AwaitHandler,
        End,
    }

    public static CloseReason ReasonFor(PacketStatus status) => status switch
    {
        PacketStatus.BadMagic => CloseReason.BadMagic,
        PacketStatus.BadVersion => CloseReason.BadVersion,
        PacketStatus.TooLarge => CloseReason.TooLarge,
        _ => CloseReason.ClientLeft,
    };

    public async Task RunAsync()
    {
        while (!connection.Aborted)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            input.Arrived(buffer);
            var read = buffer.Length;
            var step = ReadUntilItWaits(ref buffer);
            var rest = buffer.Length;
            var (isHeld, isOpen) = (true, true);
            while (step == Step.AwaitHandler)
            {
                if (isHeld && !(_commands!.IsQuick && read <= BufferShare.Free))
                {
                    input.Release(buffer);
                    isHeld = false;
                }

                // What is answered already does not wait for a handler that may take long.
                var runs = (isHeld || await output.FlushAsync()) && _commands!.TryBegin(hasWaited: !isHeld);
                while (runs && _commands!.MustWait())
                {
                    if (_commands.HasToFlush || (isOpen && HasPushed))
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
                        await _commands.WakeUpAsync();
                    }
                }

                if (!runs || !_commands!.End())
                {
                    await LeaveAsync(open: false, telling: false);
                    return;
                }

                step = Step.Continue;
                if (isHeld && !output.IsFull && connection.Leaving == CloseReason.None)
                {
                    step = ReadUntilItWaits(ref buffer); // what came together is answered together
                    rest = buffer.Length;
                }
            }

            var kept = !isHeld || Advance(step, buffer);
            if (connection.Aborted)
            {
                return;
            }

            var ending = step == Step.End || !kept || (step == Step.NeedMore && result.IsCompleted);
            var leaving = ending || !IsTimeToLeave(step, read - rest, rest) ? CloseReason.None : connection.Leaving;
            WriteOurOwn(leaving, ending);
            var open = await output.FlushAsync();
            if (leaving != CloseReason.None || ending || !open)
            {
                await LeaveAsync(open && !result.IsCompleted, leaving != CloseReason.None);
                return;
            }

            if (HasPushed)
            {
                input.ReturnAtOnce(); // the rest goes with the next flush
            }
        }
    }

    // What waits for the client, or for a handler that may take long, holds no bytes that were read: they go first.
    private Step ReadUntilItWaits(ref ReadOnlySequence<byte> buffer)
    {
        Step step;
        do
        {
            step = ReadNext(ref buffer);
        }
        while (step == Step.Continue && !output.IsFull);

        return step;
    }

    private bool Advance(Step step, ReadOnlySequence<byte> rest)
    {
        switch (step)
        {
            case Step.NeedMore:
                return input.TryKeep(rest, _needed);
            case Step.End:
                input.Drop(rest);
                return true;
            default:
                input.Release(rest);
                return true;
        }
    }

    // Whoever is asked to leave is answered what had been read by then, and no more: one that goes on sending stays no longer.
    private bool IsTimeToLeave(Step step, long taken, long rest)
    {
        if (connection.Leaving == CloseReason.None)
        {
            _owed = -1;
            return false;
        }

        _owed = _owed < 0 ? rest : _owed - taken;
        return step == Step.NeedMore || _owed <= 0;
    }

    private void WriteOurOwn(CloseReason leaving, bool ending)
    {
        if (leaving != CloseReason.None)
        {
            connection.EndWith(leaving);
            output.Write(new Message.Disconnect());
        }
        else if (!ending)
        {
            if (!output.HasUnsent) // an answer tells as much
            {
                WritePingIfDue();
            }

            connection.Outbox?.WriteTo(output);
        }
    }

    private bool HasPushed => connection.Outbox is { HasMessages: true };

    private void WritePingIfDue()
    {
        if (connection.PingDue)
        {
            output.WritePing();
        }
    }

    public void Dispose() => _commands?.GiveUp();

    private async Task LeaveAsync(bool open, bool telling)
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
            await input.LingerAsync(telling ? Linger : Quiet, Linger);
        }
    }

    private Step ReadNext(ref ReadOnlySequence<byte> buffer)
    {
        if (connection.Aborted)
        {
            return Step.End;
        }

        var status = PacketReader.TryRead(ref buffer, dispatcher.MaxPayloadBytes, out var payload, out _needed);
        if (status != PacketStatus.Complete)
        {
            return status == PacketStatus.Incomplete ? Step.NeedMore : End(ReasonFor(status));
        }

        _packetBytes = PacketHeader.Size + (int)payload.Length;
        output.CountReceived(_packetBytes);
        if (!PacketOpener.NeedsScratch(payload, channel))
        {
            return Answer(payload.FirstSpan);
        }

        var scratch = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        try
        {
            return PacketOpener.Open(payload, channel, scratch, out var message) switch
            {
                OpenStatus.Opened => Answer(message),
                OpenStatus.Replayed => End(CloseReason.Replay),
                _ => End(CloseReason.DidNotDecrypt),
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private Step Answer(ReadOnlySpan<byte> payload)
    {
        var started = time.GetTimestamp();
        if (!MessageView.TryDecode(payload, out var message))
        {
            return End(CloseReason.DidNotDecode);
        }

        if (message.Tag is not (MessageTag.Custom or MessageTag.Pong)) // a command is noted once it is known to be one
        {
            connection.Note(MessageNames.Of(message.Tag), _packetBytes, sent: false, started);
        }

        switch (message.Tag)
        {
            case MessageTag.Ping:
                connection.HasPinged = true;
                ReadOnlySpan<byte> pong = [(byte)MessageTag.Pong, 0, 0, 0];
                output.WriteEncoded(pong, MessageTag.Pong, started);
                metrics.Ping.Record(time.GetElapsedTime(started));
                break;
            case MessageTag.Echo:
                output.WriteEncoded(message.Encoded, MessageTag.Echo, started);
                metrics.Echo.Record(time.GetElapsedTime(started));
                break;
            case MessageTag.Pong:
                connection.PongCame();
                break;
            case MessageTag.Disconnect:
                return End(CloseReason.Disconnect);
            case MessageTag.Custom:
                return Find(message, started);
            case MessageTag.Unknown:
                errors.Add(ErrorKinds.UnknownMessage, connection, "A message of a kind that this server does not know.");
                output.Write(Message.Custom.Error("A message of a kind that this server does not know."));
                break;
            default:
                return End(CloseReason.HandshakeRefused);
        }

        return Step.Continue;
    }

    private Step Find(MessageView message, long now)
    {
        var isGood = dispatcher.TryFind(message, connection, out var command, out var traceParent, out var error);
        connection.Note(command?.Name ?? MessageNames.UnknownCommand, _packetBytes, sent: false, now);
        if (!isGood)
        {
            output.Write(error!);
            return Step.Continue;
        }

        if (!share.TryHold(BufferUse.Request, message.Body.Length))
        {
            errors.Add(CloseReason.ServerFull.ToName(), connection, TooManyRequests);
            output.Write(Message.Custom.Error(TooManyRequests));
            return Step.Continue;
        }

        _commands ??= new CommandRunner(output, connection, channel, share, dispatcher, time);
        _commands.Prepare(command!, message.Body, traceParent, now);
        return Step.AwaitHandler;
    }

    private Step End(CloseReason reason)
    {
        connection.EndWith(reason);
        if (reason != CloseReason.Disconnect)
        {
            errors.Add(reason.ToName(), connection, reason.ToText());
        }

        return Step.End;
    }
}
