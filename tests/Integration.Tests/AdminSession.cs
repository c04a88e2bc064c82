using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Integration.Tests;

/// <summary>A user at the HTTP port, like a browser without scripts: keeps cookies and follows no redirect.</summary>
internal sealed partial class AdminSession : IDisposable
{
    private readonly CookieContainer _cookies;

    public AdminSession(ServerProcess server, CookieContainer? cookies = null)
    {
        _cookies = cookies ?? new CookieContainer();
        Http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false })
        {
            BaseAddress = server.Http,
        };
    }

    public HttpClient Http { get; }

    public CookieCollection Cookies => _cookies.GetCookies(Http.BaseAddress!);

    /// <summary>The cookie of the sign-in. Its name depends on the server's data folder.</summary>
    public Cookie SessionCookie => Cookies.Single(cookie => SessionName().IsMatch(cookie.Name));

    /// <summary>Signs in as an operator with the link that the program printed.</summary>
    public static async Task<AdminSession> SignInAsync(ServerProcess server, CookieContainer? cookies = null)
    {
        var session = new AdminSession(server, cookies);
        var form = await session.ReadFormAsync(server.SignInLink);
        using var answer = await session.PostAsync("/sign-in/link", form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return session;
    }

    /// <summary>Signs in with a name and a password, and returns the answer.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string name, string password)
    {
        var form = await ReadFormAsync("/sign-in");
        (form["name"], form["password"]) = (name, password);
        return await PostAsync("/sign-in", form);
    }

    /// <summary>The hidden fields of a page's form.</summary>
    public async Task<Dictionary<string, string>> ReadFormAsync(string path) =>
        HiddenField().Matches(await Http.GetStringAsync(path)).ToDictionary(
            match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));

    public Task<HttpResponseMessage> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> form) =>
        Http.PostAsync(path, new FormUrlEncodedContent(form));

    /// <summary>Sends a change to the API, with the form token that requests with a cookie need.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
    {
        var token = await Http.GetFromJsonAsync<JsonElement>("/api/v1/antiforgery");
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add(token.GetProperty("header").GetString()!, token.GetProperty("token").GetString());
        return await Http.SendAsync(request);
    }

    /// <summary>Creates a token for the API and returns its secret.</summary>
    public async Task<string> CreateTokenAsync(string name, string role)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/v1/tokens", new { name, role, lifetime = "01:00:00" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("^(__Host-)?netproto-[0-9a-f]{8}$")]
    private static partial Regex SessionName();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();
}
