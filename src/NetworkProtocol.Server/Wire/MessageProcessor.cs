using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Wire;

/// <summary>
/// Takes one packet at a time off a connection's input: opens and decodes it, and answers its message or prepares its command.
/// </summary>
internal sealed class MessageProcessor(
    Connection connection,
    SecureChannel? channel,
    PacketOutput output,
    BufferShare share,
    Dispatcher dispatcher,
    ServerMetrics metrics,
    ErrorLog errors,
    TimeProvider time)
{
    private const string TooManyRequests = "The server runs too many large requests at this moment. Try again later.";
    private const string UnknownMessage = "A message of a kind that this server does not know.";

    /// <summary>The largest number of requests that a <see cref="BatchCommandHandler"/> gets together.</summary>
    private const int MaxBatch = 1000;

    /// <summary>What a request of a batch costs besides its payload.</summary>
    private const int RequestOverhead = 128;

    private int _needed;
    private int _packetBytes;

    /// <summary>Runs the connection's handlers; null before the first command.</summary>
    public CommandRunner? Commands { get; private set; }

    /// <summary>The length of the packet of which only a part has arrived.</summary>
    public int Needed => _needed;

    public ProcessingStep ProcessNext(ref ReadOnlySequence<byte> buffer)
    {
        if (connection.Aborted)
        {
            return ProcessingStep.End;
        }

        var status = PacketReader.TryRead(ref buffer, dispatcher.MaxPayloadBytes, out var payload, out _needed);
        if (status != PacketStatus.Complete)
        {
            return status == PacketStatus.Incomplete ? ProcessingStep.NeedMore : End(status.ToCloseReason());
        }

        _packetBytes = PacketHeader.Size + (int)payload.Length;
        output.CountReceived(_packetBytes);
        if (!PacketOpener.NeedsScratch(payload, channel))
        {
            var step = Process(payload.FirstSpan);
            if (step == ProcessingStep.AwaitHandler && Commands!.Command.Batch is not null)
            {
                GatherBatch(ref buffer);
            }

            return step;
        }

        var scratch = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        try
        {
            return PacketOpener.Open(payload, channel, scratch, out var message) switch
            {
                OpenStatus.Opened => Process(message),
                OpenStatus.Replayed => End(CloseReason.Replay),
                _ => End(CloseReason.DidNotDecrypt),
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private ProcessingStep Process(ReadOnlySpan<byte> payload)
    {
        var started = time.GetTimestamp();
        if (!MessageView.TryDecode(payload, out var message))
        {
            return End(CloseReason.DidNotDecode);
        }

        if (message.Tag is not (MessageTag.Custom or MessageTag.Pong)) // a command is noted after it is found in the table
        {
            connection.Note(MessageNames.Of(message.Tag), _packetBytes, sent: false, started);
        }

        switch (message.Tag)
        {
            case MessageTag.Ping:
                connection.Activity.HasPinged = true;
                ReadOnlySpan<byte> pong = [(byte)MessageTag.Pong, 0, 0, 0];
                output.WriteEncoded(pong, MessageTag.Pong, started);
                metrics.Ping.Record(time.GetElapsedTime(started));
                break;
            case MessageTag.Echo:
                output.WriteEncoded(message.Encoded, MessageTag.Echo, started);
                metrics.Echo.Record(time.GetElapsedTime(started));
                break;
            case MessageTag.Pong:
                connection.Activity.NotePong();
                break;
            case MessageTag.Disconnect:
                return End(CloseReason.Disconnect);
            case MessageTag.Custom:
                return PrepareCommand(message, started);
            case MessageTag.Unknown:
                errors.Add(ErrorKinds.UnknownMessage, connection, UnknownMessage);
                output.Write(Message.Custom.Error(UnknownMessage));
                break;
            default:
                return End(CloseReason.HandshakeRefused);
        }

        return ProcessingStep.Continue;
    }

    // Takes the packets of the same command that follow. What is something else stays in the buffer: a packet that is not encrypted can be
    // read twice.
    private void GatherBatch(ref ReadOnlySequence<byte> buffer)
    {
        var command = Commands!.Command;
        var bytes = Commands.PayloadBytes + RequestOverhead;
        while (Commands.Count < MaxBatch)
        {
            var rest = buffer;
            if (PacketReader.TryRead(ref rest, dispatcher.MaxPayloadBytes, out var payload, out _) != PacketStatus.Complete
                || PacketOpener.NeedsScratch(payload, channel)
                || !MessageView.TryDecode(payload.FirstSpan, out var message)
                || message.Tag != MessageTag.Custom
                || !message.Text.SequenceEqual(command.Utf8Name)
                || message.Body.Length > command.MaxPayloadBytes
                || (bytes += message.Body.Length + RequestOverhead) > BufferShare.Free)
            {
                return;
            }

            buffer = rest;
            _packetBytes = PacketHeader.Size + (int)payload.Length;
            output.CountReceived(_packetBytes);
            connection.Note(command.Name, _packetBytes, sent: false, time.GetTimestamp());
            Commands.Add(message.Body);
        }
    }

    private ProcessingStep PrepareCommand(MessageView message, long now)
    {
        var isGood = dispatcher.TryFind(message, connection, out var command, out var traceParent, out var error);
        connection.Note(command?.Name ?? MessageNames.UnknownCommand, _packetBytes, sent: false, now);
        if (!isGood)
        {
            output.Write(error!);
            return ProcessingStep.Continue;
        }

        if (!share.TryHold(BufferUse.Request, message.Body.Length))
        {
            errors.Add(CloseReason.ServerFull.ToName(), connection, TooManyRequests);
            output.Write(Message.Custom.Error(TooManyRequests));
            return ProcessingStep.Continue;
        }

        Commands ??= new CommandRunner(output, connection, channel, share, dispatcher, time);
        Commands.Prepare(command!, message.Body, traceParent, now);
        return ProcessingStep.AwaitHandler;
    }

    private ProcessingStep End(CloseReason reason)
    {
        connection.EndWith(reason);
        if (reason != CloseReason.Disconnect)
        {
            errors.Add(reason.ToName(), connection, reason.ToText());
        }

        return ProcessingStep.End;
    }
}
