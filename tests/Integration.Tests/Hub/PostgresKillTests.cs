using System.Globalization;
using System.Net;
using Integration.Tests.Edge;
using Integration.Tests.Operations;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Hub;

/// <summary>
/// A server that stops without a word, again and again, while edges send: HUB_KILLS is how often. One that stays away: POSTGRES_AWAY is
/// for how many seconds.
/// </summary>
[Trait("Needs", "Program")]
public sealed class PostgresKillTests(DurablePostgres server) : IClassFixture<DurablePostgres>
{
    private static readonly int Kills =
        int.Parse(Environment.GetEnvironmentVariable("HUB_KILLS") ?? "5", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(EdgeHubTests.Number("POSTGRES_AWAY", 0));

    [Fact]
    public async Task After_each_end_of_the_server_marks_readings_and_rollups_agree()
    {
        var connection = await server.CreateDatabaseAsync();
        await using var first = PostgresServer.Create(connection, new HubOptions());
        await using var second = PostgresServer.Create(connection, new HubOptions());
        await first.OpenAsync();
        using var ending = new CancellationTokenSource();
        var edges = Enumerable.Range(0, 4).Select(edge => new KillEdge($"edge{edge}", [first, second])).ToArray();
        var sending = edges.Select(edge => Task.Run(() => edge.SendAsync(ending.Token))).ToArray();
        for (var kill = 0; kill < Kills; kill++)
        {
            await ReachAsync(edges, 1000); // the batches of the next ones are under way
            await server.StopAsync();
            var error = await Assert.ThrowsAsync<HubStoreException>(() => first.CheckAsync());
            Assert.True(error.IsTemporary, error.Message);
            await server.StartAsync();
        }

        await ReachAsync(edges, 1000); // both go on by themselves
        await first.CheckAsync();
        await second.CheckAsync();
        await ending.CancelAsync();
        await Task.WhenAll(sending);
        foreach (var edge in edges)
        {
            Assert.Equal(edge.Acknowledged, (await first.HelloAsync("", new Hello(edge.Name, Lane.Bulk, 1, 1, null))).Mark);
        }

        await PostgresContents.AssertAgreesAsync(connection, edges.Sum(edge => edge.Acknowledged));
    }

    [Fact]
    public async Task A_program_starts_without_the_server_and_stores_when_it_is_there()
    {
        var connection = await server.CreateDatabaseAsync() + ";Password=geheim";
        await server.StopAsync();
        await using var program = await ServerProcess.StartAsync(
            [.. HubFeed.Settings, "--NetworkProtocol:Hub:Store=PostgreSql", $"--NetworkProtocol:Hub:ConnectionString={connection}"]);
        using var http = new HttpClient { BaseAddress = program.Http };
        using (var ready = await http.GetAsync("/ready"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        await server.StartAsync();
        await Eventually.Async(async () =>
        {
            using var ready = await http.GetAsync("/ready");
            return ready.IsSuccessStatusCode;
        });
        await using (var feed = await HubFeed.ConnectAsync(program, "edge1"))
        {
            await feed.SendAsync("room", TimeProvider.System.GetUtcNow(), "21.5");
        }

        await PostgresContents.AssertAgreesAsync(connection, 1);
        Assert.Contains("no connection to the server", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_server_is_stopped_an_edge_keeps_everything_and_the_hub_says_why()
    {
        await using var nodes = new EdgeAndHub();
        await nodes.StartHubAsync(
            "--NetworkProtocol:Hub:Store=PostgreSql", $"--NetworkProtocol:Hub:ConnectionString={await server.CreateDatabaseAsync()}");
        await nodes.StartEdgeAsync();
        await using var client = nodes.CreateSensor();
        var sensor = new Sensor(client, "room1/temperature", 1);
        using var stop = new CancellationTokenSource();
        var publishing = sensor.RunToAnswerAsync(stop.Token);
        var (hub, api) = await nodes.ConnectAsync();
        using var _ = api;
        await Eventually.Async(async () => (await hub.HubTotalsAsync()).Messages > 0);
        await server.StopAsync();
        var before = sensor.Acknowledged.Count;
        await Eventually.Async(async () =>
            (await EdgeAndHub.CheckAsync(api, "hub")).Contains("no connection to the server", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (await ReadyAsync(nodes.Hub), await ReadyAsync(nodes.Edge)));
        await Task.Delay(Away, CancellationToken.None); // zero in the suite
        Assert.True(sensor.Acknowledged.Count > before, "The edge takes no messages.");
        await server.StartAsync();
        await Eventually.Async(async () => await ReadyAsync(nodes.Hub) == HttpStatusCode.OK);
        await stop.CancelAsync();
        await publishing;
        var stored = (await EdgeAndHub.ReadingsAsync(hub, "room1/temperature", sensor.Acknowledged.Count))
            .ConvertAll(reading => (int)reading.Value!.Value);
        Assert.Empty(sensor.Acknowledged.Except(stored));
        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Equal(0, (await hub.HubTotalsAsync()).Lost);
    }

    [Fact]
    public async Task A_program_does_not_start_with_a_wrong_connection_string()
    {
        foreach (var (text, reason) in ((string, string)[])
        [
            ("", "ConnectionString is missing: the store PostgreSql needs it"),
            ("postgres://hub:geheim@db/hub", "must be a connection string of Npgsql"),
            ("Host=db;Port=geheim", "must be a connection string of Npgsql"),
            ($"{server.Connection("nowhere")};Password=geheim", "the database does not exist"),
        ])
        {
            var (exitCode, output, errors) = await ServerProcess.RunAsync(
                [.. HubFeed.Settings, "--NetworkProtocol:Hub:Store=PostgreSql", $"--NetworkProtocol:Hub:ConnectionString={text}"]);
            Assert.Equal(1, exitCode);
            Assert.Contains(reason, output + errors, StringComparison.Ordinal);
            Assert.DoesNotContain("geheim", output + errors, StringComparison.Ordinal);
        }
    }

    private static async Task<HttpStatusCode> ReadyAsync(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        using var ready = await http.GetAsync("/ready");
        return ready.StatusCode;
    }

    private static Task ReachAsync(KillEdge[] edges, long more)
    {
        var wanted = edges.Sum(edge => edge.Acknowledged) + more;
        return Eventually.Async(
            () => Task.FromResult(edges.Sum(edge => edge.Acknowledged) >= wanted), () => $"less than {wanted} messages");
    }
}
