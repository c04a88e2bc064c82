using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Console;

/// <summary>Requests that no browser sends. No request of a stranger makes the server fail or its log grow.</summary>
public sealed class StrangeRequestTests
{
    private static readonly string[] Paths =
    [
        "/", "/sign-in", "/sign-in?returnUrl=%2F", "/no-such-page", "/api/v1/status",
        "/_blazor", "/_blazor/negotiate", "/health", "/health/details", "/metrics",
        "/_framework/blazor.web.js", "/.well-known/acme-challenge/x",
    ];

    /// <summary>Values of the Host header, most of which are invalid.</summary>
    private static readonly string[] Hosts =
    [
        "", "x:99999", "x:65536", "x:99999999999999999999", "x:", "x:-1", "x:a", ":80", "[::1]",
        "[::1", "[::1]:99999", "[zz]", "[fe80::1%25lo]", "x y", "a,b", "%41", "-", ".", "..",
        "a..b", "a/b", "a@b", "a?b", "a#b", "a\\b", "_", "*", "$", "a&b", "xn--", "xn--0", "xn--a",
        "a.xn--zzzzzz99999", "xn--zzzzzz99999:99999", "é", "ÿ", "999.999.999.999", new('a', 64), new('a', 300),
    ];

    private static readonly string[] Targets =
    [
        "http://x/", "http://x:99999/", "http://y/sign-in", "http:///x", "http://", "ftp://x/", "*", "x:1",
        "//x/y", "//", "?x", "", "/%", "/%zz", "/%00", "/%ff", "/%c3%28", "/%ED%A0%80", "/%0d%0a", "/é", "/a b",
        "/\u0001", "/..%2f..%2fetc", "/%2e%2e/%2e%2e/etc/passwd", "/?%", "/?%zz=%zz", "/?returnUrl=%ff%fe",
        "/sign-in?returnUrl=%ED%A0%80", "/sign-in?returnUrl=/%0d%0ax:y", "/sign-in?failed=99",
        "/sign-in?code=a&code=b", "/sign-in?code=%00", "/_framework/%00",
        "/_content/../x", "/%F0%9F%98%80", "/'\"<>{x}|;", "/" + new string('a', 9_000),
    ];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "OPTIONS", "CONNECT", "TRACE", "ODD", "ÿ"];

    private static readonly string[] Headers =
    [
        "Accept", "Cookie", "Range", "If-None-Match", "If-Match", "If-Range", "If-Modified-Since",
        "Accept-Encoding", "Accept-Language", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto",
        "X-Forwarded-Host", "Origin", "Authorization", "Content-Type", "Content-Length", "Transfer-Encoding",
        "Upgrade", "Expect", "Sec-WebSocket-Key", "traceparent", "baggage", "X-XSRF-TOKEN",
    ];

    private static readonly string[] Values =
    [
        "", "text/html;q=x, ;;;,,", "*", "ÿþ", "a=b; a=c; =;; x; netproto-=y", "bytes=0-0,5-1,-9999999999999999999999",
        "bytes=99999999-", "\"", "W/\"", "\"a\", W/\"b\", *", "Mon, 99 Foo 9999 99:99:99 GMT",
        "gzip;q=9999999999999", "br;q=-1, gzip;q=nan", "for=x;proto=y;host=\"", "1.2.3.4, [::1]:99999, unknown, _x",
        "javascript", "http://x:99999", "Bearer", "Bearer \u007f", "multipart/form-data; boundary=\"",
        "application/x-www-form-urlencoded; charset=zzz", "-1", "99999999999999999999",
        "chunked, chunked", "websocket", "200-no", "00-zz", "%zz=%ff",
    ];

    [Fact]
    public async Task Whatever_a_stranger_writes_is_no_failure_of_the_server()
    {
        await using var server = await ConsoleServer.StartAsync("--NetworkProtocol:Http:TrustedProxies:0=127.0.0.1/32");
        var requests = Requests().ToArray();
        await Parallel.ForEachAsync(requests, async (request, _) =>
        {
            var answer = await SendAsync(server, request);
            Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), $"{request}\n{answer}");
        });
        await server.SignalAsync("TERM");
        await server.WaitForExitAsync();
        Assert.DoesNotMatch("(ERR|WRN)(?! Check protocol)", server.Output); // the protocol check may run while the server starts or stops
    }

    [Theory]
    [InlineData("GET / HTTP/1.0", null, "302")] // as load balancers probe
    [InlineData("GET /ready HTTP/1.0", null, "200")]
    [InlineData("GET / HTTP/1.1", "", "302")]
    [InlineData("GET / HTTP/1.1", "network_protocol:8080", "302")]
    [InlineData("GET / HTTP/1.1", "xn--bcher-kva.example", "302")]
    [InlineData("GET / HTTP/1.1", "[::1]:8080", "302")]
    [InlineData("GET / HTTP/1.1", "x:99999", "400")]
    [InlineData("GET /api/v1/status HTTP/1.1", "a.xn--zzzzzz99999", "400")]
    public async Task A_request_without_a_host_is_served_and_one_with_a_wrong_host_is_told(string line, string? host, string status)
    {
        await using var server = await ConsoleServer.StartAsync();
        var answer = await SendAsync(
            server, $"{line}\r\n{(host is null ? "" : $"Host: {host}\r\n")}Accept: text/html\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Security-Policy: ", answer, StringComparison.Ordinal);
        Assert.Equal(status == "302", answer.Contains("\r\nLocation: /sign-in?returnUrl=%2F\r\n", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Requests()
    {
        const string Browser = "Accept: text/html\r\nConnection: close\r\n";
        var hosts = from path in Paths from host in Hosts from version in (string[])["1.0", "1.1"]
                    select $"GET {path} HTTP/{version}\r\nHost: {host}\r\n{Browser}\r\n";
        var none = Paths.Select(path => $"GET {path} HTTP/1.0\r\n{Browser}\r\n");
        var targets = from method in Methods from target in Targets select $"{method} {target} HTTP/1.1\r\nHost: x\r\n{Browser}\r\n";
        var headers = from header in Headers from value in Values
                      from path in (string[])["/", "/sign-in", "/_framework/blazor.web.js", "/_blazor/negotiate", "/metrics"]
                      select $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          + $"{(header == "Accept" ? "" : "Accept: text/html\r\n")}{header}: {value}\r\n\r\n";
        var forms = from header in Headers from value in Values
                    select "POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        + (header == "Content-Type" ? "" : "Content-Type: application/x-www-form-urlencoded\r\n")
                        + (header is "Content-Length" or "Transfer-Encoding" ? "" : "Content-Length: 5\r\n")
                        + $"{header}: {value}\r\n\r\na=%zz";
        return [.. hosts, .. none, .. targets, .. headers, .. forms];
    }

    /// <summary>Returns the whole answer, or its start if the server waits for more bytes.</summary>
    private static async Task<string> SendAsync(ServerProcess server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Http.Host, server.Http.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var (answer, buffer) = (new StringBuilder(), new byte[16_384]);
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read && answer.Length < buffer.Length)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // The server closed the connection.
        }

        return answer.ToString();
    }
}
