using System.Buffers.Binary;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// The nonces of handshakes that are under way. Whoever overhears an Init and repeats it at once comes second, and cannot complete
/// it before its owner does. There are never more than connections.
/// </summary>
internal sealed class OpenHandshakes
{
    private readonly HashSet<UInt128> _nonces = new(SeededHash.Instance);
    private readonly Lock _lock = new();

    /// <summary>False if another handshake with the same nonce is under way.</summary>
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
