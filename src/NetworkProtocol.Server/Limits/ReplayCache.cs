using System.Buffers.Binary;
using Microsoft.Extensions.Options;
using NetworkProtocol.Security;

namespace NetworkProtocol.Server.Limits;

/// <summary>Remembers the nonces of handshakes for as long as their timestamps could be accepted again.</summary>
public interface IReplayCache
{
    /// <summary>True if the 16-byte nonce is new; false if it was seen, or if there is no room to remember it.</summary>
    ValueTask<bool> TryAddAsync(ReadOnlyMemory<byte> nonce, CancellationToken cancellationToken);
}

/// <summary>An <see cref="IReplayCache"/> of this process: two generations, each as long as a timestamp lives.</summary>
internal sealed class ReplayCache(IOptions<ServerOptions> options, TimeProvider time) : IReplayCache
{
    /// <summary>The oldest to the newest timestamp that is accepted at one moment.</summary>
    private static readonly TimeSpan Generation = ServerHandshake.MaxAge + ServerHandshake.MaxAhead;

    private readonly Lock _lock = new();
    private HashSet<UInt128> _current = [];
    private HashSet<UInt128> _previous = [];
    private long _started = time.GetTimestamp();

    public ValueTask<bool> TryAddAsync(ReadOnlyMemory<byte> nonce, CancellationToken cancellationToken)
    {
        var key = BinaryPrimitives.ReadUInt128LittleEndian(nonce.Span);
        lock (_lock)
        {
            Rotate();
            return new(!_previous.Contains(key) && _current.Count < options.Value.ReplayCacheCapacity / 2 && _current.Add(key));
        }
    }

    private void Rotate()
    {
        var age = time.GetElapsedTime(_started);
        if (age <= Generation)
        {
            return;
        }

        _previous = age <= 2 * Generation ? _current : [];
        _current = [];
        _started = time.GetTimestamp();
    }
}
