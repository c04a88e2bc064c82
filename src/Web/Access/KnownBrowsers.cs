using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.DataProtection;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Browsers in which a user has signed in with a password before: a cookie says so. It lets nobody in; it gives the next sign-in of the
/// same user a place before strangers.
/// </summary>
internal sealed class KnownBrowsers(IDataProtectionProvider protection, CookieNames names) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("known browsers").ToTimeLimitedDataProtector();

    // A user who shares the cookie with many computers gets no more of the queue than one.
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(name =>
        RateLimitPartition.GetFixedWindowLimiter(name.ToUpperInvariant(), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = SignInLimiter.Attempts,
            Window = SignInLimiter.Window,
        }));

    public void Remember(HttpContext context, string name) => context.Response.Cookies.Append(
        names.Known, _protector.Protect(name, Lifetime),
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, MaxAge = Lifetime, Path = "/" });

    /// <summary>Whether this user has signed in with this browser, and has attempts left for this minute.</summary>
    public bool IsKnown(HttpContext context, string name)
    {
        if (context.Request.Cookies[names.Known] is not { } cookie)
        {
            return false;
        }

        try
        {
            if (!string.Equals(_protector.Unprotect(cookie), name, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
        catch (CryptographicException)
        {
            return false; // too old, or not ours
        }

        using var lease = _limiter.AttemptAcquire(name);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
