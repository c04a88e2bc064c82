using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Tests;

public sealed class AllocationTests
{
    /// <summary>After this number of messages, both generations of a connection's nonce memory have their full size.</summary>
    private const int Warm = 25_000;

    [Fact]
    public void A_connection_in_its_stride_allocates_nothing_for_an_Echo()
    {
        using SecureChannel client = new(new byte[32]), server = new(new byte[32]);
        ReadOnlyMemory<byte> echo = Encode(new Message.Echo(new string('x', 64)));
        ArrayBufferWriter<byte> requests = new(1024), answers = new(1024);
        var scratch = new byte[1024];
        Exchange(Warm);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(Warm);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Exchange(int count)
        {
            for (var i = 0; i < count; i++)
            {
                requests.ResetWrittenCount();
                answers.ResetWrittenCount();
                PacketWriter.WriteEncoded(requests, echo.Span, client);
                var buffer = new ReadOnlySequence<byte>(requests.WrittenMemory);
                PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload);
                var message = scratch.AsSpan(0, (int)payload.Length - SecureChannel.Overhead);
                server.Open(payload.FirstSpan, message);
                MessageView.TryDecode(message, out var view);
                PacketWriter.WriteEncoded(answers, view.Encoded, server);
            }
        }
    }

    private static byte[] Encode(Message message)
    {
        var encoded = new byte[MessageEncoder.GetLength(message)];
        MessageEncoder.Encode(message, encoded);
        return encoded;
    }
}
