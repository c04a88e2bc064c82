using System.Buffers;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Tests;

public sealed class PacketReaderTests
{
    [Theory]
    [InlineData("4E50524F01FFFFFFFF", PacketStatus.TooLarge)]
    [InlineData("4E50524F0102", PacketStatus.TooLarge)]
    [InlineData("4E50524F0101", PacketStatus.Incomplete)]
    [InlineData("4E50524F0101000001", PacketStatus.TooLarge)]
    [InlineData("4E50524F02", PacketStatus.BadVersion)]
    [InlineData("4E51", PacketStatus.BadMagic)]
    [InlineData("4E50524F0100000000", PacketStatus.Complete)]
    [InlineData("", PacketStatus.Incomplete)]
    public void Each_byte_is_judged_as_it_comes(string hex, PacketStatus expected)
    {
        var buffer = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        Assert.Equal(expected, PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out _));
    }

    [Fact]
    public void A_header_that_claims_4_GiB_allocates_nothing()
    {
        var bytes = Convert.FromHexString("4E50524F01FFFFFFFF");
        var buffer = new ReadOnlySequence<byte>(bytes);
        PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
