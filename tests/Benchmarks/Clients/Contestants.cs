using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Clients;

/// <summary>The client libraries of the comparison, and their common settings.</summary>
internal static class Contestants
{
    public const string Ours = "ours";
    public const string Pool = "pool";
    public const string Redis = "redis";
    public const string Nats = "nats";

    public const int EchoLength = 64;

    private const string UnixPrefix = "unix:";

    public static IContestant Create(string kind) => kind switch
    {
        Ours => new OurContestant(),
        Pool => new PoolContestant(),
        Redis => new RedisContestant(),
        Nats => new NatsContestant(),
        _ => throw new ArgumentException($"There is no client '{kind}'.", nameof(kind)),
    };

    public static string AddressOf(IPEndPoint endPoint) => endPoint.ToString();

    public static string AddressOf(UnixDomainSocketEndPoint endPoint) => UnixPrefix + endPoint;

    public static EndPoint Parse(string address) => address.StartsWith(UnixPrefix, StringComparison.Ordinal)
        ? new UnixDomainSocketEndPoint(address[UnixPrefix.Length..])
        : IPEndPoint.Parse(address);
}
