using System.Buffers.Binary;
using System.Security.Cryptography;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Security;

/// <summary>
/// The client's side of the handshake (wire protocol, section 4): <see cref="WriteInit"/>, then
/// <see cref="ReadResponse"/>, then <see cref="WriteConfirm"/>.
/// </summary>
public sealed class ClientHandshake : IDisposable
{
    /// <summary>The length of an encoded Init in bytes.</summary>
    public const int InitLength = MessageEncoder.TagSize + HandshakeFields.InitLength;

    /// <summary>The length of an encoded Confirm in bytes.</summary>
    public const int ConfirmLength = MessageEncoder.TagSize + HandshakeFields.ConfirmLength;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(SessionKey.Size);
    private readonly byte[] _clientNonce = RandomNumberGenerator.GetBytes(HandshakeFields.NonceLength);
    private readonly byte[] _serverNonce = new byte[HandshakeFields.NonceLength];
    private readonly byte[] _key = new byte[SessionKey.Size];

    /// <summary>Writes the Init: <see cref="InitLength"/> bytes.</summary>
    public void WriteInit(Span<byte> destination, DateTimeOffset now)
    {
        var rest = destination[MessageEncoder.WriteTag(destination, MessageTag.HandshakeInit)..];
        SessionKey.PublicKey(_secret, rest[..HandshakeFields.KeyLength]);
        rest = rest[HandshakeFields.KeyLength..];
        BinaryPrimitives.WriteUInt64LittleEndian(rest, (ulong)now.ToUnixTimeMilliseconds());
        _clientNonce.CopyTo(rest[sizeof(ulong)..]);
    }

    /// <summary>Checks the server's Response and derives the key.</summary>
    public HandshakeStatus ReadResponse(MessageView message)
    {
        if (message.Tag != MessageTag.HandshakeResponse)
        {
            return HandshakeStatus.Unexpected;
        }

        var body = message.Body;
        Span<byte> expected = stackalloc byte[HandshakeFields.HashLength];
        SHA256.HashData(_clientNonce, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, body[^HandshakeFields.HashLength..]))
        {
            return HandshakeStatus.BadProof;
        }

        body.Slice(HandshakeFields.KeyLength, HandshakeFields.NonceLength).CopyTo(_serverNonce);
        return SessionKey.TryDerive(_secret, body[..HandshakeFields.KeyLength], _clientNonce, _serverNonce, _key)
            ? HandshakeStatus.Ok
            : HandshakeStatus.BadKey;
    }

    /// <summary>Writes the Confirm: <see cref="ConfirmLength"/> bytes.</summary>
    public void WriteConfirm(Span<byte> destination) =>
        SHA256.HashData(_serverNonce, destination[MessageEncoder.WriteTag(destination, MessageTag.HandshakeConfirm)..]);

    /// <summary>Creates the session's channel, after <see cref="ReadResponse"/> has returned <see cref="HandshakeStatus.Ok"/>.</summary>
    public SecureChannel CreateChannel() => new(_key);

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        CryptographicOperations.ZeroMemory(_key);
    }
}
