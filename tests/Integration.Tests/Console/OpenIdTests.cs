using System.Collections.Concurrent;
using System.Globalization;
using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>Sign-in through a provider: redirects to the provider and back. The provider's roles decide.</summary>
[Collection(SharedBrowser.Name)]
public sealed class OpenIdTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    [Theory]
    [InlineData("netproto-operators", "olga (operator)")]
    [InlineData("netproto-viewers", "olga (viewer)")]
    public async Task The_providers_role_is_the_users(string role, string shown)
    {
        await using var provider = await Provider.StartAsync("olga", role);
        await using var server = await StartAsync(provider);
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/closed");
        await page.GetByText("Sign in with your organisation").ClickAsync();
        await Expect(page.Locator(".user")).ToHaveTextAsync(shown);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/closed$"));
    }

    [Fact]
    public async Task Who_has_no_role_here_is_not_let_in()
    {
        await using var provider = await Provider.StartAsync("mallory", "cooks");
        await using var server = await StartAsync(provider);
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/sign-in");
        await page.GetByText("Sign in with your organisation").ClickAsync();
        await Expect(page.Locator("body")).ToContainTextAsync("has no role in this console");
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
    }

    [Fact]
    public async Task A_token_of_another_issuer_leads_to_the_sign_in_page_with_the_reason()
    {
        await using var provider = await Provider.StartAsync("olga", "netproto-operators", issuer: "https://evil.example");
        await using var server = await StartAsync(provider);
        var page = await Browser.OpenAsync(server);
        var statuses = new ConcurrentQueue<int>(); // pages load resources while the test runs
        page.Response += (_, response) => statuses.Enqueue(response.Status);
        await page.GotoAsync("/sign-in");
        await page.GetByText("Sign in with your organisation").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was not accepted");
        Assert.All(statuses, status => Assert.InRange(status, 200, 399));
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
    }

    private static Task<ServerProcess> StartAsync(Provider provider)
    {
        const string Section = "--NetworkProtocol:Admin:OpenIdConnect";
        return ConsoleServer.StartAsync(
            $"{Section}:Authority={provider.Address}", $"{Section}:ClientId=console",
            $"{Section}:ClientSecret=secret", $"{Section}:AllowHttp=true",
            $"{Section}:Operators:0=netproto-operators", $"{Section}:Viewers:0=netproto-viewers");
    }

    /// <summary>An OpenID Connect provider with one user who never has to type a password.</summary>
    private sealed class Provider : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "1" };
        private readonly (string Name, string Role) _user;
        private string _nonce = "";

        private readonly string? _issuer;

        private Provider(WebApplication app, (string Name, string Role) user, string? issuer) =>
            (_app, _user, _issuer) = (app, user, issuer);

        public string Address => _app.Urls.First();

        public static async Task<Provider> StartAsync(string name, string role, string? issuer = null)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var provider = new Provider(builder.Build(), (name, role), issuer);
            provider.Map();
            await provider._app.StartAsync();
            return provider;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private void Map()
        {
            _app.MapGet("/.well-known/openid-configuration", () => new Dictionary<string, object>
            {
                ["issuer"] = Address,
                ["authorization_endpoint"] = $"{Address}/authorize",
                ["token_endpoint"] = $"{Address}/token",
                ["jwks_uri"] = $"{Address}/keys",
                ["response_types_supported"] = new[] { "code" },
            });
            _app.MapGet("/keys", () =>
            {
                var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(
                    new RsaSecurityKey(_key.Rsa.ExportParameters(false)) { KeyId = _key.KeyId });
                return new { keys = new[] { new { kty = key.Kty, n = key.N, e = key.E, kid = key.KeyId, use = "sig", alg = "RS256" } } };
            });
            _app.MapGet("/authorize", (HttpRequest request) =>
            {
                _nonce = request.Query["nonce"]!;
                return Results.Redirect($"{request.Query["redirect_uri"]}?code=once&state={Uri.EscapeDataString(request.Query["state"]!)}");
            });
            _app.MapPost(
                "/token",
                () => new Dictionary<string, object> { ["access_token"] = "x", ["token_type"] = "Bearer", ["id_token"] = CreateToken() });
        }

        private string CreateToken()
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            return new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(
                _issuer ?? Address,
                "console",
                [
                    new Claim("sub", "1"),
                    new Claim("preferred_username", _user.Name),
                    new Claim("roles", _user.Role),
                    new Claim("nonce", _nonce),
                    new Claim("iat", EpochTime.GetIntDate(now).ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64),
                ],
                now,
                now.AddMinutes(5),
                new SigningCredentials(_key, SecurityAlgorithms.RsaSha256)));
        }
    }
}
