using System.Net.Sockets;
using System.Threading.RateLimiting;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Reports failed sign-ins by the provider: a text for the user, and a line in the log. The number of lines a minute is limited, so that
/// strangers cannot fill the log.
/// </summary>
internal sealed class ProviderFailures(ILogger<ProviderFailures> logger) : IDisposable
{
    private const int LinesPerMinute = 20;

    private readonly FixedWindowRateLimiter _lines = new(new() { PermitLimit = LinesPerMinute, Window = TimeSpan.FromMinutes(1) });

    public static string TextOf(ProviderFailure failure) => failure switch
    {
        ProviderFailure.Away =>
            "Your organisation's sign-in service cannot be reached. Try again in a minute; the server's log has the reason.",
        ProviderFailure.Denied => "You are not signed in: the sign-in was cancelled, or your organisation's sign-in service refused it.",
        _ => "The answer of your organisation's sign-in service was not accepted. Try again; the server's log has the reason.",
    };

    /// <summary>Logs the reason and returns its kind.</summary>
    public ProviderFailure Report(Exception? problem)
    {
        var failure = KindOf(problem);
        using var line = _lines.AttemptAcquire();
        if (line.IsAcquired)
        {
            ProviderLog.Failed(logger, failure, PlainText.Of(Causes(problem).LastOrDefault()?.Message ?? "no reason was given"));
        }

        return failure;
    }

    public void Dispose() => _lines.Dispose();

    private static ProviderFailure KindOf(Exception? problem) =>
        Causes(problem).Any(cause => cause.Data["error"] as string == "access_denied") ? ProviderFailure.Denied
        : Causes(problem).Any(cause => cause is HttpRequestException or IOException or SocketException or OperationCanceledException)
            ? ProviderFailure.Away
        : ProviderFailure.Refused;

    private static IEnumerable<Exception> Causes(Exception? problem)
    {
        for (; problem is not null; problem = problem.InnerException)
        {
            yield return problem;
        }
    }
}

internal static partial class ProviderLog
{
    [LoggerMessage(130, LogLevel.Warning, "A sign-in by the provider failed ({Failure}): {Problem}", EventName = "ProviderFailed")]
    public static partial void Failed(ILogger logger, ProviderFailure failure, string problem);
}
