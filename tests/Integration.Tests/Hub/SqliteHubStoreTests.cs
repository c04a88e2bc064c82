using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Hub;

/// <summary>The store in a SQLite file.</summary>
public sealed class SqliteHubStoreTests : HubStoreTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub");

    private string FilePath => Path.Combine(_folder.FullName, "hub.db");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task After_a_kill_mark_readings_and_rollups_agree()
    {
        await GreetAsync();
        for (var first = 1; first < 200; first += 20)
        {
            await Store.AppendAsync("", Batches.Of(1, first, 20));
            var copy = Path.Combine(_folder.FullName, $"copy{first}.db");
            File.Copy(FilePath, copy);
            File.Copy(FilePath + "-wal", copy + "-wal");
            await using var second = Create(copy);
            await second.OpenAsync();
            var expected = first + 19;
            Assert.Equal(expected, (await second.HelloAsync("", new Hello("edge", Lane.Bulk, 1, 1, null))).Mark);
            var series = Assert.Single((await second.SeriesAsync(null, null, All)).Items);
            Assert.Equal(expected, series.Last.Value);
            Assert.Equal(expected, (await second.ReadingsAsync(series.Id, default, All)).Items.Count);
            Assert.Equal(expected, (await second.RollupsAsync(series.Id, Resolution.Minute, default, All)).Items.Sum(one => one.Count));
            Assert.Equal(expected, Assert.Single((await second.RollupsAsync(series.Id, Resolution.Day, default, All)).Items).Count);
        }
    }

    [Fact]
    public async Task A_store_that_another_program_locks_is_back_when_the_lock_is_gone()
    {
        await GreetAsync();
        using (var other = Open())
        {
            Execute(other, "BEGIN IMMEDIATE");
            var error = await Assert.ThrowsAsync<HubStoreException>(() => Store.AppendAsync("", Batches.Of(1, 1, 5)));
            Assert.True(error.IsTemporary);
            Assert.Contains("locked", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<HubStoreException>(() => Store.CheckAsync());
        }

        await Store.CheckAsync();
        Assert.Equal(5, (await Store.AppendAsync("", Batches.Of(1, 1, 5))).Mark);
    }

    [Fact]
    public async Task A_full_store_keeps_what_it_has_and_goes_on_when_there_is_room()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        using var other = Open();
        Execute(other, "CREATE TRIGGER full BEFORE INSERT ON readings WHEN new.sequence > 7 BEGIN SELECT json('no room'); END");
        await Assert.ThrowsAsync<HubStoreException>(() => Store.AppendAsync("", Batches.Of(1, 6, 5)));
        Assert.Equal(5, (await Store.HelloAsync("", new Hello("edge", Lane.Bulk, 1, 6, null))).Mark);
        Assert.Equal(5, (await ReadingsAsync()).Count);
        Execute(other, "DROP TRIGGER full");
        Assert.Equal(10, (await Store.AppendAsync("", Batches.Of(1, 6, 5))).Mark);
        Assert.Equal(10, (await ReadingsAsync()).Count);
        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items).Id;
        Assert.Equal(10, Assert.Single((await Store.RollupsAsync(series, Resolution.Day, default, All)).Items).Count);
    }

    [Fact]
    public async Task A_message_that_the_store_cannot_take_is_put_aside_and_the_others_are_stored()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        using var other = Open();
        Execute(other, "CREATE TRIGGER broken BEFORE INSERT ON readings WHEN new.sequence = 8 BEGIN SELECT RAISE(ABORT, 'broken'); END");
        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored), await Store.AppendAsync("", Batches.Of(1, 6, 5, number => number == 7)));
        var letter = Assert.Single((await Store.DeadLettersAsync(null, All)).Items);
        Assert.Equal(8, letter.Sequence);
        Assert.Contains("broken", letter.Reason, StringComparison.Ordinal);
        Assert.Equal([10, 9, 6, 5, 4, 3, 2, 1], (await ReadingsAsync()).Select(reading => reading.Value));
        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items).Id;
        Assert.Equal(
            new Rollup(Batches.Start.Date.ToUniversalTime(), 8, 40, 1, 10, 10),
            Assert.Single((await Store.RollupsAsync(series, Resolution.Day, default, All)).Items));
        var lane = Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes);
        Assert.Equal((10, 8, 1, 1), (lane.Mark, lane.Messages, lane.DeadLetters, lane.Lost));
        await Store.CheckAsync();

        // The first message of a series, and of an epoch, fails likewise.
        Execute(other, "DROP TRIGGER broken");
        Execute(other, "CREATE TRIGGER broken BEFORE INSERT ON readings WHEN new.sequence = 1 BEGIN SELECT RAISE(ABORT, 'broken'); END");
        await GreetAsync(epoch: 2);
        await Store.AppendAsync("", new Batch(
            "edge", Lane.Bulk, 2, 1, [Batches.Message(1, "1", "new"), Batches.Message(2, "2", "new")], []));
        Assert.Equal(2, Assert.Single((await Store.LatestAsync(null, "new", All)).Items).Value);
        Assert.Equal((2, 2), ((await Store.TotalsAsync()).Series, (await Store.TotalsAsync()).DeadLetters));
        Execute(other, "DROP TRIGGER broken");
        Assert.Equal(12, (await ReadingsAsync()).Count + (await Store.TotalsAsync()).DeadLetters + 1);
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_narrowed()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await Store.DisposeAsync();
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var again = Create(FilePath);
        await again.OpenAsync();
        Assert.All(_folder.GetFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public async Task What_another_program_changes_in_the_file_is_noticed()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        using var other = Open();
        Execute(other, "UPDATE lanes SET mark = 3");
        Assert.Equal(AppendStatus.Gap, (await Store.AppendAsync("", Batches.Of(1, 6, 5))).Status);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        using (var other = Open())
        {
            Execute(other, "PRAGMA user_version = 99");
        }

        await AssertRefusedAsync(FilePath, "version 99");
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_refused()
    {
        var text = Path.Combine(_folder.FullName, "text");
        await File.WriteAllTextAsync(text, new string('x', 5000));
        await AssertRefusedAsync(text, "no SQLite database");
        var foreign = Path.Combine(_folder.FullName, "foreign.db");
        using (var other = new SqliteConnection($"Data Source={foreign};Pooling=false"))
        {
            other.Open();
            Execute(other, "CREATE TABLE t (x)");
        }

        await AssertRefusedAsync(foreign, "another program");
        await AssertRefusedAsync(Path.Combine(_folder.FullName, "missing", "hub.db"), "must be a file");
        await AssertRefusedAsync(_folder.FullName, "hub");
    }

    [Fact]
    public async Task Only_the_programs_user_can_read_the_file()
    {
        await GreetAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(
                _folder.GetFiles(),
                file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
        }
    }

    [Theory]
    [InlineData(null, "series_by_time")]
    [InlineData("edge", "series_by_source_and_time")]
    public void The_latest_values_of_a_source_are_found_by_an_index(string? source, string index)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + NetworkProtocol.Hub.Sqlite.SqliteQueries.TextOfLatest(source, null);
        foreach (var name in (string[])["?1", "?2", "?3", "?4"])
        {
            command.Parameters.AddWithValue(name, 1);
        }

        using var rows = command.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
        {
            plan.Add(rows.GetString(3));
        }

        Assert.Contains(plan, step => step.Contains($"USING COVERING INDEX {index} ", StringComparison.Ordinal));
    }

    private protected override async Task MakeVersion1Async()
    {
        await Store.DisposeAsync();
        using var other = Open();
        Execute(other, "ALTER TABLE lanes DROP COLUMN behind; PRAGMA user_version = 1");
    }

    private protected override IHubStore Create() => Create(FilePath);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task AssertRefusedAsync(string path, string reason)
    {
        await using var store = Create(path);
        var error = await Assert.ThrowsAsync<HubStoreException>(() => store.OpenAsync());
        Assert.False(error.IsTemporary, error.Message);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={FilePath};Pooling=false");
        connection.Open();
        return connection;
    }

    private SqliteHubStore Create(string path) => new(path, Options, new HubMetrics(TestMeters.Create(), Time), Time);
}
