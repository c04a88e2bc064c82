using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace NetworkProtocol.Web.Admin.Access;

/// <summary>Bounds attempts to sign in: five a minute from one IPv4 address or IPv6 /64.</summary>
internal sealed class SignInLimiter : IDisposable
{
    public const int Attempts = 5;

    /// <summary>Passwords that wait to be checked, over all addresses.</summary>
    private const int Waiting = 20;

    private readonly PartitionedRateLimiter<IPAddress?> _limiter = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(Subscriber(address), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = Attempts,
            Window = Window,
        }));

    /// <summary>One at a time: a check takes a core for a tenth of a second, and the protocol needs it, too.</summary>
    private readonly ConcurrencyLimiter _turns = new(new() { PermitLimit = 1, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    public RateLimitLease Attempt(IPAddress? address) => _limiter.AttemptAcquire(address);

    /// <summary>The right to check a password now.</summary>
    public ValueTask<RateLimitLease> WaitForTurnAsync(CancellationToken cancellationToken) => _turns.AcquireAsync(1, cancellationToken);

    public void Dispose()
    {
        _limiter.Dispose();
        _turns.Dispose();
    }

    private static string Subscriber(IPAddress? address)
    {
        if (address is null or { AddressFamily: AddressFamily.InterNetwork } or { IsIPv4MappedToIPv6: true })
        {
            return Addresses.Text(address) ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
