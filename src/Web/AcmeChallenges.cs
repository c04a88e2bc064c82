using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NetworkProtocol.Web.Api;

namespace NetworkProtocol.Web;

/// <summary>
/// Answers an ACME authority's HTTP-01 challenges (RFC 8555, 8.3) from certbot's webroot, on a separate port that serves nothing else. So a
/// certificate can be renewed while the server runs.
/// </summary>
internal static partial class AcmeChallenges
{
    private const string Prefix = "/.well-known/acme-challenge/";
    private const int LongestAnswer = 4096; // an answer is a token, a dot and a thumbprint, which are much shorter

    public static void ListenForChallenges(this KestrelServerOptions kestrel, HttpOptions options)
    {
        if (IPEndPoint.TryParse(options.ChallengeListen, out var endPoint))
        {
            kestrel.Listen(endPoint, listen => listen.Use(next => connection =>
            {
                connection.Features.Set(new ChallengePort(Path.GetFullPath(options.ChallengePath)));
                return next(connection);
            }));
        }
    }

    /// <summary>Must be the first middleware, so that the challenge port serves nothing of the console.</summary>
    public static void UseChallenges(this WebApplication app) => app.Use(next => context =>
        context.Features.Get<ChallengePort>() is { } port ? AnswerAsync(context, port.Webroot) : next(context));

    private static async Task AnswerAsync(HttpContext context, string webroot)
    {
        var path = context.Request.Path.Value ?? "";
        var token = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : "";
        var file = new FileInfo(Path.Combine(webroot, Prefix[1..], token));
        if (!HttpMethods.IsGet(context.Request.Method) || !Token().IsMatch(token) || !IsAnswer(file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = file.Length;
        await context.Response.SendFileAsync(file.FullName, context.RequestAborted);
    }

    /// <summary>Links are refused: a user who may write to the webroot could publish any file that the server can read.</summary>
    private static bool IsAnswer(FileInfo file) => file.Exists && file.LinkTarget is null && file.Length <= LongestAnswer;

    /// <summary>A token in base64url, as RFC 8555, 8.3 requires: it cannot contain a path out of the folder.</summary>
    [GeneratedRegex("^[A-Za-z0-9_-]{1,200}$")]
    private static partial Regex Token();

    /// <summary>Marks a connection to the challenge port.</summary>
    private sealed record ChallengePort(string Webroot);
}
