using System.IO.Pipelines;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Push;

namespace NetworkProtocol.Server.Wire;

/// <summary>The output of a message loop. Answers are written one by one, and sent and counted together.</summary>
internal sealed class PacketOutput(
    PipeWriter output, Connection connection, SecureChannel? channel, BufferShare share, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Answers are sent when this many bytes wait, so that small requests cannot pile up large answers.</summary>
    private const int FlushThreshold = 32 * 1024;

    private long _received;
    private long _sent;
    private long _bytesReceived;
    private long _bytesSent;

    /// <summary>Whether enough is written for a flush.</summary>
    public bool IsFull => output.UnflushedBytes >= FlushThreshold;

    /// <summary>Whether something is written that is not sent yet.</summary>
    public bool HasUnsent => output.UnflushedBytes > 0;

    public void Write(Message message) => Write(message, time.GetTimestamp());

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The time, which the caller has taken anyway.</param>
    public void Write(Message message, long now) => CountSent(PacketWriter.Write(output, message, channel), MessageNames.Of(message), now);

    /// <summary>Writes an answer to a command.</summary>
    public void WriteCustom(string command, ReadOnlySpan<byte> payload, long now) =>
        CountSent(PacketWriter.WriteCustom(output, command, payload, channel), command, now);

    /// <summary>Writes a message that the server pushes, without a request.</summary>
    public void WritePushed(PushedMessage message) =>
        CountSent(PacketWriter.WriteEncoded(output, message.Encoded, channel), message.Command, time.GetTimestamp());

    /// <summary>Writes a message that is encoded already.</summary>
    /// <param name="message">The encoded message.</param>
    /// <param name="tag">The message's kind.</param>
    /// <param name="now">The time, which the caller has taken anyway.</param>
    public void WriteEncoded(ReadOnlySpan<byte> message, MessageTag tag, long now) =>
        CountSent(PacketWriter.WriteEncoded(output, message, channel), MessageNames.Of(tag), now);

    /// <summary>Writes a Ping of the server. It is counted, but not listed among the connection's recent messages.</summary>
    public void WritePing()
    {
        _bytesSent += PacketWriter.Write(output, Message.Ping.Instance, channel);
        _sent++;
        connection.Activity.NotePing();
    }

    public void CountReceived(long packetBytes)
    {
        _bytesReceived += packetBytes;
        _received++;
    }

    /// <summary>Sends what is written; false if the client is gone, or if the budget has no room for the answers.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        Count();
        var unsent = output.UnflushedBytes;
        if (unsent == 0)
        {
            return true;
        }

        if (!share.TryHold(BufferUse.Answers, unsent))
        {
            connection.Abort(CloseReason.ServerFull); // else Kestrel would still send the bytes that the budget has refused
            return false;
        }

        var flush = output.FlushAsync();
        var waits = !flush.IsCompleted;
        if (waits)
        {
            connection.Activity.BeginFlush(unsent);
        }

        var result = await flush;
        share.Release(BufferUse.Answers);
        var now = time.GetTimestamp();
        if (waits)
        {
            connection.Activity.EndFlush(now);
        }

        connection.Activity.LastSent = now;
        connection.Activity.PingDue = false;
        return !result.IsCompleted && !result.IsCanceled;
    }

    private void CountSent(int bytes, string name, long now)
    {
        _bytesSent += bytes;
        _sent++;
        connection.Note(name, bytes, sent: true, now);
    }

    private void Count()
    {
        if (_received == 0 && _sent == 0)
        {
            return;
        }

        connection.MessagesReceived += _received;
        connection.MessagesSent += _sent;
        connection.BytesReceived += _bytesReceived;
        connection.BytesSent += _bytesSent;
        metrics.Traffic(_received, _bytesReceived, _sent, _bytesSent);
        _received = _sent = _bytesReceived = _bytesSent = 0;
    }
}
