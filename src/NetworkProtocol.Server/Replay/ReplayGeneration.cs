using System.Runtime.InteropServices;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Replay;

/// <summary>The nonces of one span of time, and how many of them each subscriber (an IPv4 address or IPv6 /64) has.</summary>
internal sealed class ReplayGeneration
{
    private readonly HashSet<UInt128> _nonces = new(SeededHash.Instance);
    private readonly Dictionary<UInt128, int> _perSubscriber = new(SeededHash.Instance);

    public int Count => _nonces.Count;

    public bool Contains(UInt128 nonce) => _nonces.Contains(nonce);

    public int CountOf(UInt128 subscriber) => _perSubscriber.GetValueOrDefault(subscriber);

    public void Add(UInt128 nonce, UInt128 subscriber)
    {
        _nonces.Add(nonce);
        CollectionsMarshal.GetValueRefOrAddDefault(_perSubscriber, subscriber, out _)++;
    }
}
