using System.Buffers.Binary;
using System.Security.Cryptography;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Security;

/// <summary>
/// The server's side of the handshake (wire protocol, section 4): <see cref="ReadInit"/>, then <see cref="WriteResponse"/>, then
/// <see cref="ReadConfirm"/>. The caller looks <see cref="ClientNonce"/> up in its replay cache after the first step, and adds it to the
/// cache after the last one.
/// </summary>
public sealed class ServerHandshake : IDisposable
{
    /// <summary>The largest accepted age of a client's timestamp: 30 s.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>The largest accepted time by which a client's timestamp is ahead of the server's clock: 2 s.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(2);

    /// <summary>The length of an encoded Response in bytes.</summary>
    public const int ResponseLength = MessageEncoder.TagSize + HandshakeFields.ResponseLength;

    /// <summary>The largest payload in bytes that a packet of the handshake may claim: 1 KiB.</summary>
    public const int MaxPayloadLength = 1024;

    private readonly byte[] _clientPublic = new byte[HandshakeFields.KeyLength];
    private readonly byte[] _clientNonce = new byte[HandshakeFields.NonceLength];
    private readonly byte[] _serverNonce = RandomNumberGenerator.GetBytes(HandshakeFields.NonceLength);
    private readonly byte[] _key = new byte[SessionKey.Size];

    /// <summary>The nonce of the client's Init: 16 bytes.</summary>
    public ReadOnlySpan<byte> ClientNonce => _clientNonce;

    /// <summary>Returns whether a client's timestamp, in Unix milliseconds, is acceptable at <paramref name="now"/>.</summary>
    public static bool IsTimely(ulong timestamp, DateTimeOffset now)
    {
        var current = (ulong)Math.Max(0, now.ToUnixTimeMilliseconds());
        return timestamp > current
            ? timestamp - current <= (ulong)MaxAhead.TotalMilliseconds
            : current - timestamp <= (ulong)MaxAge.TotalMilliseconds;
    }

    /// <summary>Checks the client's Init.</summary>
    public HandshakeStatus ReadInit(MessageView message, DateTimeOffset now)
    {
        if (message.Tag != MessageTag.HandshakeInit)
        {
            return HandshakeStatus.Unexpected;
        }

        var body = message.Body;
        var timestamp = BinaryPrimitives.ReadUInt64LittleEndian(body[HandshakeFields.KeyLength..]);
        if (!IsTimely(timestamp, now))
        {
            return HandshakeStatus.BadTimestamp;
        }

        body[..HandshakeFields.KeyLength].CopyTo(_clientPublic);
        body[^HandshakeFields.NonceLength..].CopyTo(_clientNonce);
        return HandshakeStatus.Ok;
    }

    /// <summary>Writes the Response: <see cref="ResponseLength"/> bytes.</summary>
    public HandshakeStatus WriteResponse(Span<byte> destination)
    {
        Span<byte> secret = stackalloc byte[SessionKey.Size];
        RandomNumberGenerator.Fill(secret);
        var good = SessionKey.TryDerive(secret, _clientPublic, _clientNonce, _serverNonce, _key);
        if (good)
        {
            var rest = destination[MessageEncoder.WriteTag(destination, MessageTag.HandshakeResponse)..];
            SessionKey.PublicKey(secret, rest[..HandshakeFields.KeyLength]);
            _serverNonce.CopyTo(rest = rest[HandshakeFields.KeyLength..]);
            SHA256.HashData(_clientNonce, rest[HandshakeFields.NonceLength..]);
        }

        CryptographicOperations.ZeroMemory(secret);
        return good ? HandshakeStatus.Ok : HandshakeStatus.BadKey;
    }

    /// <summary>Checks the client's Confirm.</summary>
    public HandshakeStatus ReadConfirm(MessageView message)
    {
        if (message.Tag != MessageTag.HandshakeConfirm)
        {
            return HandshakeStatus.Unexpected;
        }

        Span<byte> expected = stackalloc byte[HandshakeFields.HashLength];
        SHA256.HashData(_serverNonce, expected);
        return CryptographicOperations.FixedTimeEquals(expected, message.Body) ? HandshakeStatus.Ok : HandshakeStatus.BadProof;
    }

    /// <summary>Creates the session's channel, after <see cref="ReadConfirm"/> has returned <see cref="HandshakeStatus.Ok"/>.</summary>
    public SecureChannel CreateChannel() => new(_key);

    /// <summary>Wipes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}
