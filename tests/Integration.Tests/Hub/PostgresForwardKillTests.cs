using System.Globalization;
using Integration.Tests.Edge;
using Integration.Tests.Operations;
using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using Npgsql;

namespace Integration.Tests.Hub;

/// <summary>
/// Two hub nodes that share a database forward to a cloud, with the real programs, while the node that forwards is killed again and again,
/// and then the database and the cloud. FORWARD_KILLS is how often.
/// </summary>
[Trait("Needs", "Program")]
public sealed class PostgresForwardKillTests(DurablePostgres server) : IClassFixture<DurablePostgres>, IAsyncDisposable, IAsyncLifetime
{
    /// <summary>The node whose connection holds the lock.</summary>
    private const string Forwarder =
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND objid = 5 AND granted";

    private static readonly int Kills =
        int.Parse(Environment.GetEnvironmentVariable("FORWARD_KILLS") ?? "2", CultureInfo.InvariantCulture);

    private readonly EdgeAndHub _cloud = new();
    private readonly Dictionary<string, ServerProcess> _nodes = [];
    private int _started;
    private string _connection = "";

    public async Task InitializeAsync() => _connection = await server.CreateDatabaseAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Another_node_goes_on_where_the_one_that_was_killed_has_ended()
    {
        await Task.WhenAll(StartNodeAsync(), StartNodeAsync(), _cloud.StartCloudAsync());

        // A node of its own that edges send to, so that they need not look for one that is alive.
        var options = new HubOptions { Forward = { Address = "here.invalid", What = ForwardWhat.Both, Source = "hub1" } };
        await using var store = PostgresServer.Create(_connection, options);
        using var ending = new CancellationTokenSource();
        var pace = TimeSpan.FromMilliseconds(100);
        KillEdge[] edges = [new("edge1", [store], pace: pace), new("edge1", [store], Lane.Alarm, pace), new("edge2", [store], pace: pace)];
        var sending = edges.Select(edge => Task.Run(() => edge.SendAsync(ending.Token))).ToArray();
        for (var kill = 0; kill < Kills; kill++)
        {
            await SomeArriveAsync();
            var name = (string)(await PostgresContents.AskAsync(_connection, Forwarder))!;
            Assert.True(_nodes.Remove(name, out var node));
            await node.DisposeAsync();
            await Eventually.Async(
                async () => await PostgresContents.AskAsync(_connection, Forwarder) is string other && other != name,
                () => "the other node does not take over");
            await StartNodeAsync();
        }

        await SomeArriveAsync();
        await server.StopAsync();
        await server.StartAsync();
        await SomeArriveAsync();
        await _cloud.KillCloudAsync();
        await _cloud.StartCloudAsync();
        await SomeArriveAsync();
        await ending.CancelAsync();
        await Task.WhenAll(sending);
        await Eventually.Async(
            async () => await AskAsync("SELECT (SELECT count(*) FROM hub.outbox) + (SELECT count(*) FROM hub.forward_rollups)") == 0,
            () => "something still waits");
        var counts = await Task.WhenAll(_nodes.Values.Select(CountForwardedAsync));
        Assert.True(counts.Sum() > 0, "the metric counts nothing");
        await _cloud.KillCloudAsync();
        await AssertSameAsync(edges.Sum(edge => edge.Acknowledged));
    }

    private async Task StartNodeAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"node{Interlocked.Increment(ref _started)}");
        var node = await ServerProcess.StartAsync(
        [
            .. HubFeed.Settings, "--NetworkProtocol:Hub:Store=PostgreSql",
            $"--NetworkProtocol:Hub:ConnectionString={_connection};Application Name={name}", .. _cloud.ForwardTo("Both"),
        ]);
        lock (_nodes)
        {
            _nodes.Add(name, node);
        }
    }

    /// <summary>Waits until the cloud has acknowledged more, so that the next batches are on their way.</summary>
    private async Task SomeArriveAsync()
    {
        const string Mark = "SELECT coalesce(sum(mark), 0)::bigint FROM hub.forward_lanes";
        var wanted = await AskAsync(Mark) + 500;
        await Eventually.Async(async () => await AskAsync(Mark) >= wanted, () => "nothing arrives");
    }

    private async Task<long> AskAsync(string sql) => (long)(await PostgresContents.AskAsync(_connection, sql))!;

    private static async Task<long> CountForwardedAsync(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        var line = (await http.GetStringAsync("/metrics")).Split('\n').Single(
            line => line.StartsWith("hub_forwarded_total", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The cloud has each message once, and the hub's rollups.</summary>
    private async Task AssertSameAsync(long messages)
    {
        const string Readings = "SELECT {0} AS topic, r.time, r.value, 0, 0, 0, 0, 0 FROM {1}readings r ";
        const string Rollups = "SELECT {0}, r.start, r.sum, r.resolution, r.count, r.min, r.max, r.last FROM {1} r ";
        const string Here = "JOIN hub.series s ON s.id = r.series JOIN hub.sources o ON o.id = s.source";
        const string There = "JOIN series s ON s.id = r.series";
        var name = "o.name || '/' || s.topic";
        await using var here = new NpgsqlConnection(_connection + ";Pooling=false");
        await using var there = new SqliteConnection($"Data Source={Path.Combine(_cloud.CloudData, "hub.db")};Pooling=False");
        await here.OpenAsync();
        await there.OpenAsync();
        var expected = await RowsAsync(here, string.Format(CultureInfo.InvariantCulture, Readings, name, "hub.") + Here);
        var found = await RowsAsync(there, string.Format(CultureInfo.InvariantCulture, Readings, "s.topic", "") + There);
        Assert.Equal(messages, expected.Count);
        Assert.Equal(expected, found);
        expected = await RowsAsync(here, string.Format(CultureInfo.InvariantCulture, Rollups, name, "hub.rollups") + Here);
        found = await RowsAsync(
            there,
            string.Format(
                CultureInfo.InvariantCulture, Rollups, "s.topic", "(SELECT * FROM rollups UNION ALL SELECT * FROM open_rollups)") + There);
        Assert.Equal(expected, found);
        Assert.Equal(3 * messages, expected.Sum(row => long.Parse(row.Split(' ')[4], CultureInfo.InvariantCulture)));
    }

    private static async Task<List<string>> RowsAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own text
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await rows.ReadAsync())
        {
            found.Add(string.Join(' ', Enumerable.Range(0, rows.FieldCount).Select(
                column => Convert.ToString(rows.GetValue(column), CultureInfo.InvariantCulture))));
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }
}
