using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Bans;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// An <see cref="IReplayCache"/> of this process: two generations, each as long as a timestamp lives. An IPv4 address or IPv6 /64 may
/// hold as much as is still free after it: one takes half at most, and another finds room.
/// </summary>
internal sealed class ReplayCache(IOptions<ServerOptions> options, TimeProvider time) : IReplayCache
{
    private const int AddressBits = 32;
    private const int SubscriberBits = 64;

    /// <summary>The oldest to the newest timestamp that is accepted at one moment.</summary>
    private static readonly TimeSpan Generation = ServerHandshake.MaxAge + ServerHandshake.MaxAhead;

    private readonly Lock _lock = new();
    private ReplayGeneration _current = new();
    private ReplayGeneration _previous = new();
    private long _started = time.GetTimestamp();

    public ValueTask<ReplayVerdict> CheckAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Judge(Number(nonce), Subscriber(client)));
        }
    }

    public ValueTask<ReplayVerdict> RememberAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken)
    {
        var (number, subscriber) = (Number(nonce), Subscriber(client));
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

    // An IPv4 address fills the lowest bits, which a /64 leaves empty, so that no address of one kind is taken for the other.
    private static UInt128 Subscriber(IPAddress client)
    {
        var plain = BanTarget.Plain(client);
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? BanTarget.Prefix(plain, AddressBits) >> (128 - AddressBits)
            : BanTarget.Prefix(plain, SubscriberBits);
    }

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
