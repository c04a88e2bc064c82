using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Dispatch;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// Messages until an end: one at a time and in order, one flush for all that one read brought. Only this loop writes;
/// whoever wants a word with the client sets a flag and nudges it.
/// </summary>
internal sealed class Session(
    IDuplexPipe transport,
    Connection connection,
    SecureChannel? channel,
    Dispatcher dispatcher,
    ServerMetrics metrics,
    TimeProvider time)
{
    /// <summary>Answers are sent when so many bytes of them wait, so that small requests cannot pile up large answers.</summary>
    private const int FlushThreshold = 64 * 1024;

    private const int StackLimit = 1024;

    /// <summary>How long a client that was told Disconnect may take to close.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private readonly PipeReader _input = transport.Input;
    private readonly PipeWriter _output = transport.Output;
    private Request _pending;
    private long _received;
    private long _sent;
    private long _bytesReceived;
    private long _bytesSent;

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
        while (true)
        {
            var result = await _input.ReadAsync();
            var buffer = result.Buffer;
            if (!buffer.IsEmpty)
            {
                Volatile.Write(ref connection.LastReceived, time.GetTimestamp());
            }

            Step step;
            while ((step = ReadNext(ref buffer)) is Step.Continue or Step.AwaitHandler)
            {
                if (step == Step.AwaitHandler)
                {
                    await AnswerAsync(_pending);
                }

                if (_output.UnflushedBytes >= FlushThreshold && !await FlushAsync())
                {
                    return;
                }
            }

            var ending = step == Step.End || result.IsCompleted;
            var telling = !ending && connection.DrainRequested;
            if (telling)
            {
                connection.EndWith(CloseReason.Draining);
                Write(new Message.Disconnect());
            }
            else if (connection.PingDue && !ending)
            {
                Write(new Message.Ping());
            }

            var open = await FlushAsync();
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (telling && open)
            {
                await LingerAsync(Linger);
            }

            if (telling || ending || !open)
            {
                connection.EndWith(CloseReason.ClientLeft);
                return;
            }
        }
    }

    private Step ReadNext(ref ReadOnlySequence<byte> buffer)
    {
        var before = buffer.Length;
        var status = PacketReader.TryRead(ref buffer, dispatcher.MaxPayloadBytes, out var payload);
        if (status != PacketStatus.Complete)
        {
            return status == PacketStatus.Incomplete ? Step.NeedMore : End(ReasonFor(status));
        }

        _received++;
        _bytesReceived += before - buffer.Length;
        return Open(payload);
    }

    [SkipLocalsInit]
    private Step Open(ReadOnlySequence<byte> payload)
    {
        var length = (int)payload.Length;
        if (channel is null && payload.IsSingleSegment)
        {
            return Decode(payload.FirstSpan);
        }

        byte[]? rented = null;
        Span<byte> copy = length <= StackLimit ? stackalloc byte[StackLimit] : (rented = ArrayPool<byte>.Shared.Rent(length));
        try
        {
            return Open(payload, copy[..length]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private Step Open(ReadOnlySequence<byte> payload, Span<byte> scratch)
    {
        scoped ReadOnlySpan<byte> bytes = payload.FirstSpan;
        if (!payload.IsSingleSegment)
        {
            payload.CopyTo(scratch);
            bytes = scratch;
        }

        if (channel is null)
        {
            return Decode(bytes);
        }

        if (bytes.Length < SecureChannel.Overhead)
        {
            return End(CloseReason.DidNotDecrypt);
        }

        // A payload that was copied is opened in place: its message begins where its ciphertext did.
        var message = payload.IsSingleSegment
            ? scratch[..(bytes.Length - SecureChannel.Overhead)]
            : scratch[SecureChannel.NonceSize..^SecureChannel.TagSize];
        return channel.Open(bytes, message) switch
        {
            OpenStatus.Opened => Decode(message),
            OpenStatus.Replayed => End(CloseReason.Replay),
            _ => End(CloseReason.DidNotDecrypt),
        };
    }

    private Step Decode(ReadOnlySpan<byte> payload)
    {
        if (!MessageView.TryDecode(payload, out var message))
        {
            return End(CloseReason.DidNotDecode);
        }

        switch (message.Tag)
        {
            case MessageTag.Ping:
                ReadOnlySpan<byte> pong = [(byte)MessageTag.Pong, 0, 0, 0];
                WriteEncoded(pong);
                break;
            case MessageTag.Echo:
                var started = time.GetTimestamp();
                WriteEncoded(message.Encoded);
                metrics.Echo.Observe(time.GetElapsedTime(started).TotalSeconds);
                break;
            case MessageTag.Pong:
                break;
            case MessageTag.Disconnect:
                return End(CloseReason.Disconnect);
            case MessageTag.Custom:
                return Dispatch(message);
            case MessageTag.Unknown:
                metrics.Error("unknown_message");
                Write(Message.Custom.Error("A message of a kind that this server does not know."));
                break;
            default:
                return End(CloseReason.HandshakeRefused);
        }

        return Step.Continue;
    }

    private Step Dispatch(MessageView message)
    {
        if (!dispatcher.TryFind(message, out var request, out var error))
        {
            Write(error!);
            return Step.Continue;
        }

        _pending = request;
        return Step.AwaitHandler;
    }

    private async ValueTask AnswerAsync(Request request)
    {
        if (!await FlushAsync()) // what is answered already must not wait for a handler
        {
            return;
        }

        var started = time.GetTimestamp();
        var token = connection.BeginRequest(started);
        var task = dispatcher.RunAsync(request, connection, token);
        while (!task.IsCompleted)
        {
            var nudge = connection.NextNudge();
            if (!connection.RequestTimedOut && !connection.Aborted && !connection.PingDue)
            {
                await Task.WhenAny(task, nudge);
            }

            if (connection.RequestTimedOut || connection.Aborted)
            {
                break; // a handler that ignores its cancellation is left to itself
            }

            if (connection.PingDue)
            {
                Write(new Message.Ping());
                await FlushAsync();
            }
        }

        if (connection.Aborted)
        {
            return;
        }

        var answer = connection.RequestTimedOut ? dispatcher.TimedOut(request) : await task;
        if (answer is not null)
        {
            Write(dispatcher.Fit(answer, channel));
        }

        var now = time.GetTimestamp();
        connection.EndRequest(now);
        metrics.Command(request.Command.Name).Observe(time.GetElapsedTime(started, now).TotalSeconds);
    }

    private void Write(Message message)
    {
        _bytesSent += PacketWriter.Write(_output, message, channel);
        _sent++;
    }

    private void WriteEncoded(ReadOnlySpan<byte> message)
    {
        _bytesSent += PacketWriter.WriteEncoded(_output, message, channel);
        _sent++;
    }

    private Step End(CloseReason reason)
    {
        connection.EndWith(reason);
        if (reason != CloseReason.Disconnect)
        {
            metrics.Error(reason.ToName());
        }

        return Step.End;
    }

    /// <summary>Sends what is written; false if the client is gone.</summary>
    private async ValueTask<bool> FlushAsync()
    {
        Count();
        if (_output.UnflushedBytes == 0)
        {
            return true;
        }

        var flush = _output.FlushAsync();
        var waits = !flush.IsCompleted;
        if (waits)
        {
            Volatile.Write(ref connection.FlushBytes, _output.UnflushedBytes);
            Volatile.Write(ref connection.FlushStarted, time.GetTimestamp());
        }

        var result = await flush;
        var now = time.GetTimestamp();
        if (waits)
        {
            Volatile.Write(ref connection.FlushStarted, 0);
            Volatile.Write(ref connection.LastReceived, now); // it took answers while nothing was read from it
        }

        Volatile.Write(ref connection.LastSent, now);
        connection.PingDue = false;
        return !result.IsCompleted && !result.IsCanceled;
    }

    private void Count()
    {
        if (_received == 0 && _sent == 0)
        {
            return;
        }

        connection.MessagesReceived += _received;
        connection.MessagesSent += _sent;
        metrics.Traffic(_received, _bytesReceived, _sent, _bytesSent);
        _received = _sent = _bytesReceived = _bytesSent = 0;
    }

    // Closing with unread bytes resets the connection and may take the last answers with it.
    private async Task LingerAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        try
        {
            while (true)
            {
                var result = await _input.ReadAsync(deadline.Token);
                _input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client did not close in time: we do.
        }
    }
}
