using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.DataProtection;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Recognizes browsers in which a user has signed in with a password before, by a cookie. The cookie does not sign in. It gives the next
/// sign-in of the same user priority over sign-ins from unknown browsers in <see cref="SignInQueue"/>.
/// </summary>
internal sealed class KnownBrowsers(IDataProtectionProvider protection, CookieNames names) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("known browsers").ToTimeLimitedDataProtector();

    // A user who copies the cookie to many computers gets no more attempts with priority than a user with one computer.
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(name =>
        RateLimitPartition.GetFixedWindowLimiter(name.ToUpperInvariant(), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = SignInLimiter.Attempts,
            Window = SignInLimiter.Window,
        }));

    public void Remember(HttpContext context, string name) => context.Response.Cookies.Append(
        names.Known, _protector.Protect(name, Lifetime),
        new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = Lifetime,
            Path = "/",
        });

    /// <summary>Whether this user has signed in with this browser before, and still has an attempt with priority in this minute.</summary>
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
            return false; // the cookie has expired, or another server wrote it
        }

        using var lease = _limiter.AttemptAcquire(name);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
