using System.Buffers.Binary;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// The nonces of handshakes that are running. An attacker who overhears an Init and repeats it at once is refused here, and cannot complete
/// the handshake before the client that sent the Init. There are never more nonces than connections.
/// </summary>
internal sealed class OpenHandshakes
{
    private readonly HashSet<UInt128> _nonces = new(SeededHash.Instance);
    private readonly Lock _lock = new();

    /// <summary>Begins a handshake; false if another one with the same nonce is running.</summary>
    public bool TryBegin(ReadOnlyMemory<byte> nonce)
    {
        lock (_lock)
        {
            return _nonces.Add(BinaryPrimitives.ReadUInt128LittleEndian(nonce.Span));
        }
    }

    public void End(ReadOnlyMemory<byte> nonce)
    {
        lock (_lock)
        {
            _nonces.Remove(BinaryPrimitives.ReadUInt128LittleEndian(nonce.Span));
        }
    }
}
