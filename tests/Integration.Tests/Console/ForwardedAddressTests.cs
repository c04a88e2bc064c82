using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NetworkProtocol.Web.Access;

namespace Integration.Tests.Console;

/// <summary>The address of a user behind HTTP proxies.</summary>
public sealed class ForwardedAddressTests
{
    [Fact]
    public async Task A_forwarded_address_is_believed_of_a_trusted_proxy_alone()
    {
        foreach (var (proxies, attempts) in ((string, int)[])[
            ("192.0.2.0/24", SignInLimiter.Attempts), ("", SignInLimiter.Attempts), ("127.0.0.0/8", int.MaxValue)])
        {
            string[] trusted = proxies.Length > 0 ? [$"--NetworkProtocol:Http:TrustedProxies:0={proxies}"] : [];
            await using var server = await ConsoleServer.StartAsync(
            [
                $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}",
                "--NetworkProtocol:Http:MetricsNetworks:0=10.0.0.0/8",
                .. trusted,
            ]);
            using var guesser = new AdminSession(server);
            for (var i = 0; i < SignInLimiter.Attempts + 2; i++)
            {
                guesser.Http.DefaultRequestHeaders.Remove("X-Forwarded-For");
                guesser.Http.DefaultRequestHeaders.Add("X-Forwarded-For", $"10.0.0.{i}");
                var answer = await guesser.SignInAsync("admin", "wrong");
                Assert.Equal(i < attempts ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, answer.StatusCode);
            }

            Assert.Equal(
                attempts == int.MaxValue ? HttpStatusCode.OK : HttpStatusCode.Forbidden,
                (await guesser.Http.GetAsync("/metrics")).StatusCode);
        }
    }

    [Fact]
    public async Task Of_a_row_of_trusted_proxies_the_first_address_that_is_none_of_them_is_the_users()
    {
        await using var server = await ConsoleServer.StartAsync(
            $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}", "--NetworkProtocol:Http:TrustedProxies:0=127.0.0.0/8",
            "--NetworkProtocol:Http:TrustedProxies:1=10.0.0.0/24",
            "--NetworkProtocol:Http:TrustedProxies:2=2001:db8:1::/48");
        using var session = new AdminSession(server);
        var form = await session.ReadFormAsync("/sign-in");
        (form["name"], form["password"]) = ("admin", ConsoleServer.Password);
        (string Forwarded, string From)[] cases =
        [
            ("198.51.100.1", "198.51.100.1"),
            ("198.51.100.2, 10.0.0.1", "198.51.100.2"),
            ("198.51.100.3, 10.0.0.2, 10.0.0.1", "198.51.100.3"),
            ("192.0.2.1, 198.51.100.4, 10.0.0.1", "198.51.100.4"), // an address that the user claims
            ("10.0.0.9, 198.51.100.5, 10.0.0.1", "198.51.100.5"), // also if the user claims a trusted proxy's address
            ("192.0.2.1, 10.0.1.1, 10.0.0.1", "10.0.1.1"), // a proxy that is not trusted
            ("2001:db8:2::7, 2001:db8:1::1, 10.0.0.1", "2001:db8:2::7"),
            ("nonsense, 10.0.0.3", "10.0.0.3"),
        ];
        foreach (var (forwarded, from) in cases)
        {
            using var browser = new AdminSession(server);
            var own = await browser.ReadFormAsync("/sign-in");
            (own["name"], own["password"]) = ("admin", ConsoleServer.Password);
            browser.Http.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
            Assert.Equal((forwarded, HttpStatusCode.Redirect), (forwarded, (await browser.PostAsync("/sign-in", own)).StatusCode));
            var audit = await browser.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?size=1");
            Assert.Equal((forwarded, from), (forwarded, audit.GetProperty("items")[0].GetProperty("from").GetString()));
        }

        using var proto = new HttpRequestMessage(HttpMethod.Get, "/sign-in")
        {
            Headers = { { "X-Forwarded-For", "198.51.100.6, 10.0.0.1" }, { "X-Forwarded-Proto", "https, http" } },
        };
        using var overHttps = await session.Http.SendAsync(proto);
        Assert.True(overHttps.Headers.Contains("Strict-Transport-Security")); // the first proxy received the request over HTTPS
    }
}
