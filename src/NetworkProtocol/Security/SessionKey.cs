using System.Security.Cryptography;

namespace NetworkProtocol.Security;

/// <summary>Derives the key that both sides share (wire protocol, section 4).</summary>
internal static class SessionKey
{
    public const int Size = 32;

    /// <summary>Computes the public key of a private key.</summary>
    public static unsafe void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        fixed (byte* secret = privateKey, result = publicKey)
        {
            _ = Sodium.ScalarMultBase(result, secret);
        }
    }

    /// <summary>Derives the key. Returns false if the peer's public key is of low order.</summary>
    public static unsafe bool TryDerive(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> peerPublicKey,
        ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce, Span<byte> key)
    {
        ReadOnlySpan<byte> clientLabel = "client_nonce"u8, serverLabel = "server_nonce"u8;
        Span<byte> input = stackalloc byte[Size + clientLabel.Length + clientNonce.Length + serverLabel.Length + serverNonce.Length];
        fixed (byte* secret = privateKey, peer = peerPublicKey, shared = input)
        {
            if (Sodium.ScalarMult(shared, secret, peer) != 0)
            {
                return false;
            }
        }

        var rest = input[Size..];
        clientLabel.CopyTo(rest);
        clientNonce.CopyTo(rest = rest[clientLabel.Length..]);
        serverLabel.CopyTo(rest = rest[clientNonce.Length..]);
        serverNonce.CopyTo(rest[serverLabel.Length..]);
        SHA256.HashData(input, key);
        CryptographicOperations.ZeroMemory(input);
        return true;
    }
}
