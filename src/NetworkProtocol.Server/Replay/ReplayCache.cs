using System.Buffers.Binary;
using System.Net;
using Microsoft.Extensions.Options;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// An <see cref="IReplayCache"/> in the memory of this process: two generations of nonces, each as long as a timestamp is accepted. An IPv4
/// address or IPv6 /64 may hold at most as many nonces as it leaves free, so one of them takes at most half of the cache, and others still
/// find room.
/// </summary>
internal sealed class ReplayCache(IOptions<ServerOptions> options, TimeProvider time) : IReplayCache
{
    /// <summary>From the oldest to the newest timestamp that is accepted at one moment.</summary>
    private static readonly TimeSpan Generation = ServerHandshake.MaxAge + ServerHandshake.MaxAhead;

    private readonly Lock _lock = new();
    private ReplayGeneration _current = new();
    private ReplayGeneration _previous = new();
    private long _started = time.GetTimestamp();

    public ValueTask<ReplayVerdict> CheckAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Judge(Number(nonce), ClientAddress.Subscriber(client)));
        }
    }

    public ValueTask<ReplayVerdict> RememberAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken)
    {
        var (number, subscriber) = (Number(nonce), ClientAddress.Subscriber(client));
        lock (_lock)
        {
            var verdict = Judge(number, subscriber);
            if (verdict == ReplayVerdict.New)
            {
                _current.Add(number, subscriber);
            }

            return new(verdict);
        }
    }

    private static UInt128 Number(ReadOnlyMemory<byte> nonce) => BinaryPrimitives.ReadUInt128LittleEndian(nonce.Span);

    private ReplayVerdict Judge(UInt128 nonce, UInt128 subscriber)
    {
        Rotate();
        if (_current.Contains(nonce) || _previous.Contains(nonce))
        {
            return ReplayVerdict.Seen;
        }

        var free = options.Value.ReplayCacheCapacity - _current.Count - _previous.Count;
        return _current.CountOf(subscriber) + _previous.CountOf(subscriber) < free ? ReplayVerdict.New : ReplayVerdict.Full;
    }

    private void Rotate()
    {
        var age = time.GetElapsedTime(_started);
        if (age <= Generation)
        {
            return;
        }

        _previous = age <= 2 * Generation ? _current : new();
        _current = new();
        _started = time.GetTimestamp();
    }
}
