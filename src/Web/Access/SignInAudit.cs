using System.Threading.RateLimiting;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Writes sign-ins and sign-outs to the audit log. Refused attempts are limited, so that strangers cannot fill the audit log. An error of
/// the audit log is only logged, so that users can still sign out.
/// </summary>
internal sealed class SignInAudit(AuditLog audit, ILogger<SignInAudit> logger) : IDisposable
{
    /// <summary>
    /// The limit of entries a minute for refused attempts from all addresses together; further attempts are only counted.
    /// </summary>
    public const int RefusedPerMinute = 60;

    private readonly FixedWindowRateLimiter _refused = new(new() { PermitLimit = RefusedPerMinute, Window = TimeSpan.FromMinutes(1) });
    private int _unwritten;

    public Task RefusedAsync(string who, string from, string text)
    {
        using var lease = _refused.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            Interlocked.Increment(ref _unwritten);
            return Task.CompletedTask;
        }

        var more = Interlocked.Exchange(ref _unwritten, 0);
        return WriteAsync(who, from, "sign-in", "refused", more == 0 ? text : $"{text} {more} more attempts were refused before.");
    }

    public Task DoneAsync(string who, string from, string action, string text) => WriteAsync(who, from, action, "done", text);

    public void Dispose() => _refused.Dispose();

    private async Task WriteAsync(string who, string from, string action, string result, string text)
    {
        try
        {
            await audit.WriteAsync(who, from, Actor.Console, action, "", result, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AuditedActionsLog.AuditFailed(logger, e);
        }
    }
}
