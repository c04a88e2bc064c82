using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NetworkProtocol.Messages;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The console, the API and <c>/metrics</c> show the same numbers.</summary>
[Collection(SharedBrowser.Name)]
public sealed partial class AdminApiTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    [Fact]
    public async Task Every_number_of_the_overview_is_the_one_in_metrics()
    {
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            "--NetworkProtocol:Server:MaxConnections=3",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1",
            "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER",
            "--NetworkProtocol:Upstreams:orders:Transport=SecureHandshake");
        using var session = await AdminSession.SignInAsync(server);
        using (await session.SendAsync(HttpMethod.Post, "/api/v1/breakers/orders:127.0.0.1:1/isolate"))
        {
            // One breaker is not closed.
        }

        await using var client = await TalkAsync(server);
        var page = await Browser.OpenAsync(server, session);
        await page.VisitAsync("/");
        await Expect(page.Locator("[data-metric=p50]")).Not.ToHaveAttributeAsync("data-value", "");
        var metrics = await session.Http.GetStringAsync("/metrics");
        foreach (var (shown, name) in ((string, string)[])[
            ("connections_active", "connections_active"), ("connections_total", "connections_total"),
            ("connections_rejected_total", "connections_rejected_total"),
            ("messages_received", "messages_received"), ("messages_sent", "messages_sent"),
            ("bytes_received_total", "bytes_received_total"), ("bytes_sent_total", "bytes_sent_total"), ("errors_total", "errors_total"),
            ("handshakes_ok", "handshakes_total{result=\"ok\"}"), ("handshakes_refused", "handshakes_total{result=\"refused\"}")])
        {
            Assert.Equal((shown, Sum(metrics, name)), (shown, await NumberAsync(page, shown)));
        }

        Assert.Equal(1, await NumberAsync(page, "breakers_not_closed"));
        Assert.Equal(3, Sum(metrics, "breaker_state{name=\"orders:127.0.0.1:1\"}"));
        var expires = Sum(metrics, "certificate_expires_timestamp_seconds{name=\"server\"}");
        var days = (expires - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()) / 86400;
        Assert.Equal(Math.Floor(days), await NumberAsync(page, "certificate_days"));
        var buckets = ParseBuckets(metrics); // all requests came within the last minute
        Assert.Equal(Math.Round(buckets.Quantile(0.5), 4), await NumberAsync(page, "p50"));
        Assert.Equal(Math.Round(buckets.Quantile(0.99), 4), await NumberAsync(page, "p99"));

        var status = await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/status");
        Assert.Equal(Sum(metrics, "messages_received"), status.GetProperty("messagesReceived").GetDouble());
        Assert.Equal("ready", status.GetProperty("state").GetString());
    }

    [Fact]
    public void Quantiles_are_reckoned_as_Prometheus_does()
    {
        var buckets = ParseBuckets("""
            request_duration_seconds_bucket{command="PING",le="0.001"} 10
            request_duration_seconds_bucket{command="PING",le="0.004"} 20
            request_duration_seconds_bucket{command="PING",le="+Inf"} 20
            request_duration_seconds_bucket{command="ECHO",le="0.001"} 0
            request_duration_seconds_bucket{command="ECHO",le="0.004"} 0
            request_duration_seconds_bucket{command="ECHO",le="+Inf"} 20
            """);
        Assert.Equal(0.5, buckets.Quantile(0.125), 6);
        Assert.Equal(2.5, buckets.Quantile(0.375), 6);
        Assert.Equal(4, buckets.Quantile(0.99), 6); // above the last limit the histogram has no information
        Assert.True(double.IsNaN(buckets.Since(buckets).Quantile(0.5)));
        Assert.True(double.IsNaN(DurationBuckets.None.Quantile(0.5)));
    }

    [Fact]
    public async Task A_bad_question_is_told_what_would_be_right()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        foreach (var (path, problem) in ((string, string)[])
        [
            ("/api/v1/connections?transport=smoke", "transport = smoke: must be one of"),
            ("/api/v1/connections?state=client_left", "state = client_left: must be one of handshaking"),
            ("/api/v1/closed?reason=boredom", "reason = boredom: must be one of client_left"),
            ("/api/v1/connections?minAge=old", "minAge = old: must be hh:mm:ss"),
            ("/api/v1/connections?maxAge=24:00:00", "maxAge = 24:00:00: must be hh:mm:ss, d.hh:mm:ss"),
            ("/api/v1/connections?minAge=-5", "minAge = -5: must be hh:mm:ss"),
            ("/api/v1/connections?minAge=99999999999999999999", "minAge = 99999999999999999999: must be hh:mm:ss"),
            ("/api/v1/connections?minAge=-Infinity", "minAge = -Infinity: must be hh:mm:ss"),
            ("/api/v1/connections?size=0", "size = 0: must be 1 to 1000"),
            ("/api/v1/connections?size=1001", "size = 1001: must be 1 to 1000"),
            ("/api/v1/connections?page=0", "page = 0: must be 1 or more"),
            ("/api/v1/connections?page=x", "page"),
            ("/api/v1/connections?sort=beauty", "sort = beauty: must be one of id"),
            ("/api/v1/errors?format=xml", "format = xml: must be json or csv"),
            ("/api/v1/series?range=1y", "range = 1y: must be 15m or 24h"),
        ])
        {
            using var answer = await session.Http.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.BadRequest), (path, answer.StatusCode));
            Assert.Contains(
                problem, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
                StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Beyond_the_last_page_there_is_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        var page = await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?page=2147483647&size=1000");
        Assert.Equal((1, 0), (page.GetProperty("total").GetInt32(), page.GetProperty("items").GetArrayLength()));
    }

    [Fact]
    public async Task A_bad_order_is_told_what_would_be_right_and_changes_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        foreach (var (path, body, problem) in ((string, object, string)[])[
            ("/api/v1/bans", new { target = "10.0.0.1/8", reason = "a test" }, "Use 10.0.0.0/8 for the network"),
            ("/api/v1/bans", new { target = "10.0.0.1", reason = " " }, "reason: must have 1 to 200"),
            ("/api/v1/bans", new { target = "10.0.0.1", reason = "a test", duration = "-00:01:00" }, "duration = -00:01:00"),
            ("/api/v1/bans", new { target = "10.0.0.1" }, "reason"),
            ("/api/v1/drain", new { perSecond = 0, deadline = "00:01:00" }, "perSecond = 0: must be 1 to"),
            ("/api/v1/drain", new { perSecond = 1, deadline = "2.00:00:00" }, "deadline = 2.00:00:00"),
            ("/api/v1/drain", new { perSecond = 1 }, "deadline"),
            ("/api/v1/tokens", new { name = "", role = "viewer", lifetime = "01:00:00" }, "name: must have 1 to 64"),
            ("/api/v1/tokens", new { name = "x", role = "king", lifetime = "01:00:00" }, "role"),
            ("/api/v1/tokens", new { name = "x", role = "viewer", lifetime = "400.00:00:00" }, "at most 366 days"),
            ("/api/v1/connections/disconnect",
                new { filter = new { transport = "smoke" }, expected = 1, perSecond = 1 }, "transport = smoke"),
            ("/api/v1/connections/disconnect", new { filter = new { adress = "192.0.2.1" }, expected = 1, perSecond = 1 }, "adress"),
            ("/api/v1/connections/disconnect", new { filter = new { address = " " }, expected = 1, perSecond = 1 }, "set all to true"),
            ("/api/v1/connections/disconnect", new { filter = new { }, expected = 1, perSecond = 1 }, "set all to true")])
        {
            using var answer = await session.SendAsync(HttpMethod.Post, path, body);
            Assert.Equal((path, problem, HttpStatusCode.BadRequest), (path, problem, answer.StatusCode));
            Assert.Contains(
                problem, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(),
                StringComparison.OrdinalIgnoreCase);
        }

        var status = await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/status");
        Assert.Equal(("ready", 1), (status.GetProperty("state").GetString(), status.GetProperty("connections").GetInt32()));
    }

    [Fact]
    public async Task More_connections_than_were_confirmed_are_not_ended()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        var clients = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => WireClient.ConnectSecureAsync(server.Protocol)));
        using var answer = await session.SendAsync(
            HttpMethod.Post, "/api/v1/connections/disconnect", new { filter = new { }, expected = 1, perSecond = 100, all = true });
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(12, (await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/connections")).GetProperty("total").GetInt32());
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_list_is_exported_whole_and_a_clients_words_are_no_formula()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        for (var i = 0; i < 60; i++)
        {
            await client.SendAsync(new Message.Custom($"=cmd|{i}", default));
            await client.ReadAsync();
        }

        foreach (var list in (string[])[
            "connections", "closed", "errors", "errors/kinds", "breakers",
            "bans", "certificates", "configuration", "health", "tokens", "audit"])
        {
            using var csv = await session.Http.GetAsync($"/api/v1/{list}?format=csv");
            Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
            Assert.Equal("attachment", csv.Content.Headers.ContentDisposition!.DispositionType);
            using var json = await session.Http.GetAsync($"/api/v1/{list}?format=json");
            var rows = await json.Content.ReadFromJsonAsync<JsonElement[]>();
            Assert.Equal(rows!.Length + 1, (await csv.Content.ReadAsStringAsync()).Trim().Split("\r\n").Length);
        }

        var errors = await session.Http.GetStringAsync("/api/v1/errors?format=csv");
        Assert.Equal(61, errors.Trim().Split("\r\n").Length); // more than a page
        Assert.DoesNotMatch("(^|,)\"?[=@+-]", Regex.Replace(errors, "[0-9T:.+-]{20,}", "")); // no cell starts a formula
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        var document = await session.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToArray();
        Assert.All(
            (string[])
            [
                "/api/v1/status", "/api/v1/connections", "/api/v1/connections/{node}/{id}", "/api/v1/bans", "/api/v1/drain",
                "/api/v1/breakers/{name}/reset", "/api/v1/audit",
            ],
            path => Assert.Contains(path, paths));
        Assert.DoesNotContain("/sign-in", paths);
        Assert.DoesNotContain("/api/v1/connections/{id}", paths); // this path only reports the right one
        var details = await session.Http.GetFromJsonAsync<JsonElement>("/health/details");
        Assert.True(details.GetProperty("entries").TryGetProperty("protocol", out var protocol));
        Assert.Equal("Healthy", protocol.GetProperty("status").GetString());
    }

    private static async Task<WireClient> TalkAsync(ServerProcess server)
    {
        var client = await WireClient.ConnectSecureAsync(server.Protocol);
        for (var i = 0; i < 20; i++)
        {
            await client.SendAsync(
                new Message.Echo("hello"), new Message.Ping(), new Message.Custom("NOBODY", default), new Message.Custom("ORDER", default));
            for (var answer = 0; answer < 4; answer++)
            {
                await client.ReadAsync();
            }
        }

        await using (var refused = await WireClient.ConnectAsync(server.Protocol))
        {
            await refused.SendAsync(WireClient.Packet([0, 0, 0, 0]));
            await refused.ReadToEndAsync();
        }

        var more = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => WireClient.ConnectSecureAsync(server.Protocol)));
        await using (var tooMany = await WireClient.ConnectAsync(server.Protocol))
        {
            await tooMany.ReadToEndAsync();
        }

        foreach (var one in more)
        {
            await one.DisposeAsync();
        }

        return client;
    }

    /// <summary>Parses the buckets of all commands from a scrape.</summary>
    private static DurationBuckets ParseBuckets(string metrics)
    {
        var sums = Bucket().Matches(metrics)
            .GroupBy(
                match => match.Groups[1].Value == "+Inf"
                    ? double.PositiveInfinity
                    : double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .OrderBy(bucket => bucket.Key)
            .Select(
                bucket => (Limit: bucket.Key, Count: bucket.Sum(match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))))
            .ToArray();
        return new DurationBuckets([.. sums.Select(bucket => bucket.Limit)], [.. sums.Select(bucket => bucket.Count)]);
    }

    [GeneratedRegex("^request_duration_seconds_bucket\\{[^}]*le=\"([^\"]+)\"\\} (\\d+)", RegexOptions.Multiline)]
    private static partial Regex Bucket();

    private static double Sum(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && (line[name.Length] is ' ' or '{'))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static async Task<double> NumberAsync(IPage page, string metric)
    {
        var element = page.Locator($"[data-metric={metric}]");
        var text = await element.GetAttributeAsync("data-value") ?? await element.InnerTextAsync();
        return double.Parse(text, CultureInfo.InvariantCulture);
    }
}
