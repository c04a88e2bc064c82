using System.Net;
using System.Threading.RateLimiting;

namespace NetworkProtocol.Web.Access;

/// <summary>Limits attempts to sign in to five a minute from one IPv4 address or IPv6 /64.</summary>
internal sealed class SignInLimiter : IDisposable
{
    public const int Attempts = 5;

    private readonly PartitionedRateLimiter<IPAddress?> _limiter = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(Networks.Of(address).Narrow, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = Attempts,
            Window = Window,
        }));

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    public RateLimitLease Attempt(IPAddress? address) => _limiter.AttemptAcquire(address);

    public void Dispose() => _limiter.Dispose();
}
