namespace NetworkProtocol.Messages;

/// <summary>Sizes of the handshake messages' fields (wire protocol, section 2).</summary>
internal static class HandshakeFields
{
    public const int KeyLength = 32;
    public const int NonceLength = 16;
    public const int HashLength = 32;
    public const int InitLength = KeyLength + sizeof(ulong) + NonceLength;
    public const int ResponseLength = KeyLength + NonceLength + HashLength;
    public const int ConfirmLength = HashLength;
}
