using System.Globalization;
using Integration.Tests.Edge;
using Microsoft.Data.Sqlite;

namespace Integration.Tests.Operations;

/// <summary>Backups of an edge's buffer and a hub's store that are written to all the time.</summary>
public sealed class StoreBackupTests : IAsyncDisposable, IAsyncLifetime
{
    private const string Topic = "room1/temperature";

    private static readonly int Rounds =
        int.Parse(Environment.GetEnvironmentVariable("BACKUP_ROUNDS") ?? "3", CultureInfo.InvariantCulture);

    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2) + (Rounds * TimeSpan.FromSeconds(10)));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task A_backup_of_databases_in_use_is_whole_and_an_edge_goes_on_from_it()
    {
        using var saved = await SavedServer.CreateAsync();
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        await using var client = _nodes.CreateSensor();
        Sensor[] sensors = [.. Enumerable.Range(0, 4).Select(i => new Sensor(client, Topic, 1_000_000 * (i + 1)))];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var running = Task.WhenAll(sensors.Select(sensor => sensor.RunAsync(stop.Token)));
        await EdgeAndHub.ReadingsAsync(hub, Topic, 100);
        var stored = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var folder = await SaveAndRestoreAsync(saved);
            CheckBuffer(Path.Combine(folder, "edge", "edge", "buffer.db"));
            var now = CheckStore(Path.Combine(folder, "hub", "hub.db"));
            Assert.True(now > stored, $"{now} readings, and {stored} in the backup before");
            stored = now;
        }

        await stop.CancelAsync();
        await running;
        var acknowledged = sensors.SelectMany(sensor => sensor.Acknowledged).ToHashSet();
        var kept = -1.0;
        await Eventually.Async(
            async () => (kept = await _nodes.Edge.ValueAsync("edge_buffer_messages")) == 0,
            () => $"{kept} messages are still in the buffer");
        await _nodes.KillEdgeAsync();
        Directory.Delete(_nodes.EdgeData, recursive: true);
        Directory.Move(Path.Combine(saved.Restored, "edge"), _nodes.EdgeData);
        var epoch = EpochOf(_nodes.EdgeData);
        await _nodes.StartEdgeAsync();
        var after = new Sensor(client, Topic, 9_000_000);
        await after.PublishAsync(_end.Token); // the backup gives it a number that the hub knows for another message
        HashSet<int> readings = [];
        await Eventually.Async(
            async () => (readings = [.. (await EdgeAndHub.ReadingsAsync(hub, Topic, 1)).Select(row => (int)row.Value!.Value)])
                .Contains(9_000_000),
            () => "The message after the restore is not stored.");
        Assert.Superset(acknowledged, readings);
        Assert.True(EpochOf(_nodes.EdgeData) > epoch);
    }

    [Fact]
    public async Task A_store_that_is_left_out_is_not_in_the_backup_and_a_stopped_one_is()
    {
        using var saved = await SavedServer.CreateAsync();
        await _nodes.StartHubAsync();
        await _nodes.KillHubAsync();
        Assert.True(File.Exists(Path.Combine(_nodes.HubData, "hub.db-wal")));
        await SaveAndRestoreAsync(saved);
        Assert.Equal(0, CheckStore(Path.Combine(saved.Restored, "hub", "hub.db")));
        File.Delete(Path.Combine(_nodes.HubData, "hub.db-shm")); // as in a copy of the folder, which SQLite cannot read without writing
        await SaveAndRestoreAsync(saved);
        Assert.Equal(0, CheckStore(Path.Combine(saved.Restored, "hub", "hub.db")));

        var (exitCode, output, errors) = await NetprotoProcess.RunAsync(BackupArguments(saved, "--leave-out", "hub/hub.db"));
        Assert.Equal((0, $"netproto: {_nodes.HubData}/hub.db is not wanted, and left out\n"), (exitCode, errors));
        Assert.Contains("1 left out", output, StringComparison.Ordinal);
        await SavedServer.FailAsync(2, "--leave-out hub.db: must begin with", BackupArguments(saved, "--leave-out", "hub.db"));
    }

    private string[] BackupArguments(SavedServer saved, params string[] more) =>
    [
        .. saved.BackupArguments("--recipient", saved.Recipient), "--source", $"hub={_nodes.HubData}",
        .. Directory.Exists(_nodes.EdgeData) ? ["--source", $"edge={_nodes.EdgeData}"] : Array.Empty<string>(), .. more,
    ];

    private async Task<string> SaveAndRestoreAsync(SavedServer saved)
    {
        await SavedServer.RunAsync(BackupArguments(saved));
        Assert.Empty(Directory.GetFiles(saved.Backups, "*.partial*"));
        if (Directory.Exists(saved.Restored))
        {
            Directory.Delete(saved.Restored, recursive: true);
        }

        await saved.RestoreAsync(Directory.GetFiles(saved.Backups, "*.age").Max(StringComparer.Ordinal)!);
        Assert.Empty(Directory.GetFiles(saved.Restored, "*-wal", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(saved.Restored, "*-shm", SearchOption.AllDirectories));
        return saved.Restored;
    }

    private static void CheckBuffer(string path)
    {
        using var connection = OpenWhole(path);
        Assert.Equal(
            Number(connection, "SELECT sum(next - 1 - mark) FROM lanes"),
            Number(connection, "SELECT (SELECT count(*) FROM messages) + (SELECT coalesce(sum(count), 0) FROM losses)"));
    }

    // The values are whole numbers, so that their sums are exact.
    private static long CheckStore(string path)
    {
        using var connection = OpenWhole(path);
        Assert.Equal(0, Number(
            connection,
            """
            SELECT count(*) FROM
                (SELECT series, time / 60000 AS minute, count(*) AS count, sum(value) AS sum FROM readings GROUP BY 1, 2) AS own
            FULL JOIN
                (SELECT series, start / 60000 AS minute, count, sum FROM rollups WHERE resolution = 60
                 UNION ALL SELECT series, start / 60000, count, sum FROM open_rollups WHERE resolution = 60) AS kept
            USING (series, minute)
            WHERE own.count IS NOT kept.count OR own.sum IS NOT kept.sum
            """));
        Assert.Equal(
            Number(connection, "SELECT coalesce(sum(mark), 0) FROM lanes"), Number(connection, "SELECT count(*) FROM readings"));
        return Number(connection, "SELECT count(*) FROM readings");
    }

    private static SqliteConnection OpenWhole(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", command.ExecuteScalar());
        return connection;
    }

    private static long EpochOf(string data)
    {
        using var connection = OpenWhole(Path.Combine(data, "edge", "buffer.db"));
        return Number(connection, "SELECT epoch FROM epoch");
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
