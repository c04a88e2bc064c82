using System.Net;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Integration.Tests.Console;

/// <summary>
/// A provider that is away, slow or broken, or refuses the user. The user gets a page with the reason, and the log gets one line.
/// </summary>
public sealed class ProviderFailureTests
{
    private const string Away = "Your organisation&#x27;s sign-in service cannot be reached. Try again in a minute";
    private const string Denied = "You are not signed in: the sign-in was cancelled";
    private const string Refused = "The answer of your organisation&#x27;s sign-in service was not accepted";

    [Fact]
    public async Task A_provider_that_answers_with_nonsense_or_not_at_all_leads_to_a_page_that_says_so_and_one_line_in_the_log()
    {
        var hanging = new TaskCompletionSource<IResult>();
        Func<HttpContext, Task<IResult>> metadata = _ => Task.FromResult(Results.StatusCode(500));
        await using var provider = await StartProviderAsync(context => metadata(context));
        await using var server = await StartAsync(provider.Urls.First());
        using var session = new AdminSession(server);
        await AwayAsync(session);
        metadata = _ => Task.FromResult(Results.Text("<html>"));
        await AwayAsync(session);
        metadata = _ => hanging.Task;
        await AwayAsync(session);
        hanging.SetResult(Results.Empty);
        metadata = _ => Task.FromResult(Results.Json(new { issuer = "nobody" }));
        await AwayAsync(session);
        await LogHasLinesAsync(server, 4, 4);
    }

    [Fact]
    public async Task Nothing_listens_where_the_provider_should_be_and_strangers_do_not_fill_the_log()
    {
        await using var server = await StartAsync("http://127.0.0.1:1");
        using var session = new AdminSession(server);
        await AwayAsync(session);
        for (var i = 0; i < 50; i++)
        {
            await session.Http.GetAsync("/signin-oidc?code=x");
        }

        await LogHasLinesAsync(server, 2, 40);
    }

    [Fact]
    public async Task An_answer_of_the_provider_that_is_not_accepted_leads_back_to_the_sign_in_page_with_the_reason()
    {
        var address = "";
        await using var provider = await StartProviderAsync(_ => Task.FromResult(Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = address,
            ["authorization_endpoint"] = $"{address}/authorize",
            ["token_endpoint"] = $"{address}/token", // this endpoint does not exist
            ["jwks_uri"] = $"{address}/keys",
        })));
        address = provider.Urls.First();
        await using var server = await StartAsync(address);
        using var session = new AdminSession(server);
        foreach (var (answer, text) in ((string, string)[])[
            ("error=access_denied", Denied), ("error=server_error", Refused), ("code=x", Refused)])
        {
            using var challenge = await session.Http.GetAsync("/sign-in/provider?returnUrl=/errors");
            Assert.Equal(HttpStatusCode.Redirect, challenge.StatusCode);
            var state = HttpUtility.ParseQueryString(challenge.Headers.Location!.Query)["state"]!;
            await BackAsync(session, $"/signin-oidc?{answer}&state={Uri.EscapeDataString(state)}", text, returnUrl: "/errors");
        }

        foreach (var answer in (string[])["", "?code=x", "?code=x&state=nonsense"])
        {
            await BackAsync(session, $"/signin-oidc{answer}", Refused, returnUrl: "/");
        }

        await LogHasLinesAsync(server, 6, 6);
    }

    private static async Task LogHasLinesAsync(ServerProcess server, int least, int most)
    {
        await server.SignalAsync("TERM");
        await server.WaitForExitAsync();
        Assert.DoesNotContain("ERR", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal); // no stack trace
        Assert.InRange(server.Output.Split("A sign-in by the provider failed").Length - 1, least, most);
    }

    private static async Task AwayAsync(AdminSession session)
    {
        using var answer = await session.Http.GetAsync("/sign-in/provider?returnUrl=/errors");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains(Away, page, StringComparison.Ordinal);
        Assert.Contains("/sign-in/provider?returnUrl=%2Ferrors", page, StringComparison.Ordinal); // the link to try again
    }

    private static async Task BackAsync(AdminSession session, string path, string text, string returnUrl)
    {
        using var answer = await session.Http.GetAsync(path);
        Assert.Equal((path, HttpStatusCode.Redirect), (path, answer.StatusCode));
        var page = await session.Http.GetStringAsync(answer.Headers.Location);
        Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.Contains($"/sign-in/provider?returnUrl={Uri.EscapeDataString(returnUrl)}", page, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> StartAsync(string authority)
    {
        const string Section = "--NetworkProtocol:Admin:OpenIdConnect";
        return ConsoleServer.StartAsync(
            $"{Section}:Authority={authority}", $"{Section}:ClientId=console",
            $"{Section}:ClientSecret=secret", $"{Section}:AllowHttp=true", $"{Section}:Operators:0=operators");
    }

    private static async Task<WebApplication> StartProviderAsync(Func<HttpContext, Task<IResult>> metadata)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", metadata);
        app.MapGet("/keys", () => new { keys = Array.Empty<object>() });
        await app.StartAsync();
        return app;
    }
}
