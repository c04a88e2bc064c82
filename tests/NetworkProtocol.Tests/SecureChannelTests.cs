using System.Security.Cryptography;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;

namespace NetworkProtocol.Tests;

public sealed class SecureChannelTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Fact]
    public void Both_sides_of_a_handshake_understand_each_other()
    {
        var (client, server) = ShakeHands();
        AssertTravels(client, server);
        AssertTravels(server, client);
    }

    [Fact]
    public void A_second_opening_of_a_packet_is_a_replay()
    {
        var (client, server) = ShakeHands();
        var packet = Seal(client, [1, 2, 3]);
        Assert.Equal(OpenStatus.Opened, server.Open(packet, new byte[3]));
        Assert.Equal(OpenStatus.Replayed, server.Open(packet, new byte[3]));
    }

    [Fact]
    public void A_packet_of_our_own_is_a_replay()
    {
        var (client, _) = ShakeHands();
        Assert.Equal(OpenStatus.Replayed, client.Open(Seal(client, [1, 2, 3]), new byte[3]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(42)]
    public void A_flipped_bit_is_not_authentic(int at)
    {
        var (client, server) = ShakeHands();
        var packet = Seal(client, [1, 2, 3]);
        packet[at] ^= 1;
        Assert.Equal(OpenStatus.NotAuthentic, server.Open(packet, new byte[3]));
    }

    [Fact]
    public void A_payload_without_room_for_nonce_and_tag_is_not_authentic() =>
        Assert.Equal(OpenStatus.NotAuthentic, ShakeHands().Server.Open(new byte[39], []));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(1024 * 1024)]
    public void Any_size_travels_whichever_cipher_takes_it(int size)
    {
        var (client, server) = ShakeHands();
        var message = RandomNumberGenerator.GetBytes(size);
        var opened = new byte[size];
        Assert.Equal(OpenStatus.Opened, server.Open(Seal(client, message), opened));
        Assert.Equal(message, opened);
    }

    [Fact]
    public unsafe void Both_ciphers_give_the_same_bytes()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var nonce = RandomNumberGenerator.GetBytes(24);
        var message = RandomNumberGenerator.GetBytes(64 * 1024);
        byte[] ours = new byte[message.Length + 16], sodium = new byte[message.Length + 16];
        SecureChannel.Encrypt(key, nonce, message, ours);
        fixed (byte* k = key, n = nonce, m = message, s = sodium)
        {
            Assert.Equal(0, Sodium.Encrypt(s, null, m, (ulong)message.Length, null, 0, null, n, k));
        }

        Assert.Equal(sodium, ours);
    }

    [Fact]
    public void The_last_ten_thousand_nonces_are_remembered_whatever_came_before()
    {
        var window = new NonceWindow();
        var nonces = Enumerable.Range(0, 35_000).Select(i => SHA256.HashData(BitConverter.GetBytes(i))[..24]).ToArray();
        Assert.All(nonces, nonce => Assert.True(window.TryAdd(nonce)));
        Assert.All(nonces[^NonceWindow.Generation..], nonce => Assert.False(window.TryAdd(nonce)));
    }

    [Fact]
    public void A_step_out_of_place_is_refused()
    {
        using var server = new ServerHandshake();
        Assert.True(MessageView.TryDecode(new byte[4], out var ping));
        Assert.Equal(HandshakeStatus.Unexpected, server.ReadInit(ping, Now));
        Assert.Equal(HandshakeStatus.Unexpected, server.ReadConfirm(ping));
        using var client = new ClientHandshake();
        Assert.Equal(HandshakeStatus.Unexpected, client.ReadResponse(ping));
    }

    [Fact]
    public void A_proof_for_another_nonce_is_refused()
    {
        using var server = new ServerHandshake();
        var confirm = new byte[ClientHandshake.ConfirmLength];
        confirm[0] = (byte)MessageTag.HandshakeConfirm;
        Assert.Equal(HandshakeStatus.BadProof, server.ReadConfirm(Decode(confirm)));
    }

    private static void AssertTravels(SecureChannel from, SecureChannel to)
    {
        var opened = new byte[3];
        Assert.Equal(OpenStatus.Opened, to.Open(Seal(from, [1, 2, 3]), opened));
        Assert.Equal([1, 2, 3], opened);
    }

    private static byte[] Seal(SecureChannel channel, ReadOnlySpan<byte> message)
    {
        var payload = new byte[message.Length + SecureChannel.Overhead];
        channel.Seal(message, payload);
        return payload;
    }

    private static MessageView Decode(byte[] encoded)
    {
        Assert.True(MessageView.TryDecode(encoded, out var message));
        return message;
    }

    private static (SecureChannel Client, SecureChannel Server) ShakeHands()
    {
        using var client = new ClientHandshake();
        using var server = new ServerHandshake();
        var init = new byte[ClientHandshake.InitLength];
        client.WriteInit(init, Now);
        Assert.Equal(HandshakeStatus.Ok, server.ReadInit(Decode(init), Now));
        var response = new byte[ServerHandshake.ResponseLength];
        Assert.Equal(HandshakeStatus.Ok, server.WriteResponse(response));
        Assert.Equal(HandshakeStatus.Ok, client.ReadResponse(Decode(response)));
        var confirm = new byte[ClientHandshake.ConfirmLength];
        client.WriteConfirm(confirm);
        Assert.Equal(HandshakeStatus.Ok, server.ReadConfirm(Decode(confirm)));
        return (client.CreateChannel(), server.CreateChannel());
    }
}
