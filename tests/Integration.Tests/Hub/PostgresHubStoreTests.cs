using System.Net.Sockets;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Postgres;
using Npgsql;

namespace Integration.Tests.Hub;

/// <summary>The store in a database of PostgreSQL.</summary>
[Trait("Needs", "Program")]
[Collection(SharedPostgres.Name)]
public sealed class PostgresHubStoreTests(PostgresServer server) : HubStoreTests
{
    private string _connection = "";

    public override async Task InitializeAsync()
    {
        _connection = await server.CreateDatabaseAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task Each_message_is_stored_once_though_two_nodes_get_the_same_batches()
    {
        await using var second = Create();
        var (stores, random) = (new[] { Store, second }, new Random(7));
        var edges = new[] { "edge", "second" };
        await Task.WhenAll(edges.SelectMany(edge => new[] { Lane.Bulk, Lane.Alarm }.Select(lane => (edge, lane))).Select(async sender =>
        {
            await stores[0].HelloAsync("", new Hello(sender.edge, sender.lane, 1, 1, null));
            for (var first = 1; first < 400; first += 20)
            {
                var batch = Batches.Of(1, first, 20, source: sender.edge) with { Lane = sender.lane };
                var copies = Enumerable.Range(0, 4).Select(_ => stores[random.Next(2)].AppendAsync("", batch));
                Assert.All(await Task.WhenAll(copies), answer => Assert.Equal(new AppendAnswer(first + 19, AppendStatus.Stored), answer));
            }
        }));
        var totals = await second.TotalsAsync();
        Assert.Equal((1600, 2), (totals.Messages, totals.Series));
        await AssertAgreesAsync(1600);
    }

    [Fact]
    public async Task A_series_that_was_rolled_back_is_not_known()
    {
        await GreetAsync();
        await ExecuteAsync("CREATE FUNCTION hub.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + "RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$");
        await ExecuteAsync("CREATE TRIGGER full_disk BEFORE UPDATE ON hub.sources EXECUTE FUNCTION hub.fail()");
        var error = await Assert.ThrowsAsync<HubStoreException>(() => Store.AppendAsync("", Batches.Of(1, 1, 5)));
        Assert.True(error.IsTemporary);
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, (await Assert.ThrowsAsync<HubStoreException>(() => Store.CheckAsync())).Message);
        Time.Advance(TimeSpan.FromSeconds(30));
        await Store.CheckAsync(); // else a load balancer would never let an edge come back
        await Assert.ThrowsAsync<HubStoreException>(() => Store.AppendAsync("", Batches.Of(1, 1, 5)));
        await Assert.ThrowsAsync<HubStoreException>(() => Store.CheckAsync());
        await ExecuteAsync("DROP TRIGGER full_disk ON hub.sources");
        Assert.Equal(5, (await Store.AppendAsync("", Batches.Of(1, 1, 5))).Mark);
        await Store.CheckAsync();
        Assert.Equal(1, (await Store.TotalsAsync()).Series);
        await AssertAgreesAsync(5);
    }

    [Fact]
    public async Task The_series_of_a_database_that_was_restored_are_asked_for_again()
    {
        // As in a backup that was taken before the first message.
        const string Restore = "TRUNCATE hub.latest, hub.rollups, hub.readings; UPDATE hub.sources SET series = 0; "
            + "UPDATE hub.lanes SET mark = 0, messages = 0, checksum = NULL";
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        await server.StopAsync();
        await server.StartAsync();
        await ExecuteAsync($"DELETE FROM hub.series; {Restore}");
        await Assert.ThrowsAsync<HubStoreException>(() => Store.CheckAsync()); // so that no writer meets a lost connection
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        Assert.Equal(5, (await ReadingsAsync()).Count);

        await ExecuteAsync($"TRUNCATE hub.series; {Restore}");
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        Assert.Equal(5, (await ReadingsAsync()).Count);
        await AssertAgreesAsync(5);
    }

    [Fact]
    public async Task A_batch_that_is_refused_makes_no_partition()
    {
        await Store.HelloAsync("owner", new Hello("edge", Lane.Bulk, 1, 1, null));
        await Store.AppendAsync("owner", Batches.Of(1, 1, 5));
        var late = Batches.Message(6, "1") with { Time = Batches.Start.AddDays(-9).ToUnixTimeMilliseconds() };
        var batch = new Batch("edge", Lane.Bulk, 1, 6, [late], []);
        await Assert.ThrowsAsync<SourceRefusedException>(() => Store.AppendAsync("other", batch));
        Assert.Equal(["readings_20260301"], await PartitionsAsync());
        await Store.AppendAsync("owner", batch);
        Assert.Equal(["readings_20260220", "readings_20260301"], await PartitionsAsync());
        await AssertAgreesAsync(6);
    }

    [Fact]
    public async Task Tables_that_are_replaced_while_the_hub_runs_are_noticed()
    {
        await GreetAsync();
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [Batches.Message(1, "1", "old"), Batches.Message(2, "2", "a")], []));
        await ExecuteAsync("DROP SCHEMA hub CASCADE");
        await Assert.ThrowsAsync<HubStoreException>(() => Store.CheckAsync());
        await Store.CheckAsync();
        await GreetAsync();
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [Batches.Message(1, "7", "a")], []));
        Assert.Equal(7, Assert.Single((await Store.LatestAsync(null, "a", All)).Items).Value);
    }

    [Fact]
    public async Task A_message_that_the_store_cannot_take_is_put_aside_and_the_others_are_stored()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        await ExecuteAsync("CREATE FUNCTION hub.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$");
        await ExecuteAsync(
            "CREATE TRIGGER broken BEFORE INSERT ON hub.readings FOR EACH ROW WHEN (new.sequence IN (8, 11)) EXECUTE FUNCTION hub.fail()");
        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored), await Store.AppendAsync("", Batches.Of(1, 6, 5, number => number == 7)));
        var letter = Assert.Single((await Store.DeadLettersAsync(null, All)).Items);
        Assert.Equal(8, letter.Sequence);
        Assert.Contains("broken", letter.Reason, StringComparison.Ordinal);
        Assert.Equal([10, 9, 6, 5, 4, 3, 2, 1], (await ReadingsAsync()).Select(reading => reading.Value));
        var lane = Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes);
        Assert.Equal((10, 8, 1, 1), (lane.Mark, lane.Messages, lane.DeadLetters, lane.Lost));

        // The first message of a series fails likewise, and the second begins the series.
        await Store.AppendAsync("", new Batch(
            "edge", Lane.Bulk, 1, 11, [Batches.Message(11, "1", "new"), Batches.Message(12, "2", "new")], []));
        Assert.Equal(2, Assert.Single((await Store.LatestAsync(null, "new", All)).Items).Value);
        Assert.Equal((2, 2), ((await Store.TotalsAsync()).Series, (await Store.TotalsAsync()).DeadLetters));
        await AssertAgreesAsync(9);
    }

    [Fact]
    public async Task A_name_that_PostgreSQL_cannot_compare_is_that_of_nothing()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.OfTexts(1, "{\"a\\u0000b\":1}", "2\0"));
        Assert.Equal((1, 1), ((await Store.TotalsAsync()).DeadLetters, (await ReadingsAsync()).Count));
        Assert.Empty((await Store.SeriesAsync("\0", null, All)).Items);
        Assert.Empty((await Store.LatestAsync(null, "\0", All)).Items);
        Assert.Empty((await Store.LossesAsync("\0", All)).Items);
    }

    [Fact]
    public async Task A_sum_beyond_all_numbers_stays_a_number()
    {
        await GreetAsync();
        for (var first = 1; first < 5; first++)
        {
            await Store.AppendAsync("", Batches.OfTexts(first, "1.7e308"));
        }

        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items).Id;
        var day = Assert.Single((await Store.RollupsAsync(series, Resolution.Day, default, All)).Items);
        Assert.Equal((4, double.MaxValue), (day.Count, day.Sum));
    }

    [Fact]
    public async Task Retention_drops_the_partitions_of_old_days_and_late_data_makes_them_again()
    {
        await GreetAsync();
        var days = Enumerable.Range(0, 10).Select(day => Batches.Message(day + 1, "1") with
        {
            Time = Batches.Start.AddDays(-day).ToUnixTimeMilliseconds(),
        });
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [.. days], []));
        await Store.RetainAsync(Batches.Start);
        var partitions = await PartitionsAsync();
        Assert.Equal("readings_20260222", partitions[0]); // a week and the rest of its first day
        Assert.Equal("readings_20260303", partitions[^1]); // today and two days ahead
        Assert.Equal(8, (await ReadingsAsync()).Count);

        await using var second = Create(); // which knows the partitions that the first one drops now
        await second.AppendAsync("", Batches.Of(1, 11, 5));
        await Store.RetainAsync(Batches.Start.AddDays(30));
        Assert.Empty(await ReadingsAsync());
        Assert.Equal(20, (await second.AppendAsync("", Batches.Of(1, 16, 5))).Mark);
        Assert.Equal(20, (await Store.TotalsAsync()).Messages);
        Assert.Equal(5, (await ReadingsAsync()).Count);
    }

    [Fact]
    public async Task A_clock_that_runs_through_the_decades_makes_few_partitions()
    {
        await GreetAsync();
        var days = Enumerable.Range(0, 400).Select(day => Batches.Message(day + 1, "1") with { Time = day * 86_400_000L });
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [.. days], []));
        Assert.Equal(400, (await ReadingsAsync()).Count);
        Assert.Equal(14, (await PartitionsAsync()).Length); // 1970 and the first days of February 1971
    }

    [Fact]
    public async Task A_table_that_is_not_partitioned_is_left_to_its_owner()
    {
        await ExecuteAsync("CREATE TABLE hub.plain (LIKE hub.readings INCLUDING ALL)");
        await ExecuteAsync("DROP TABLE hub.readings");
        await ExecuteAsync("ALTER TABLE hub.plain RENAME TO readings");
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        await Store.RetainAsync(Batches.Start.AddDays(400));
        Assert.Equal(5, (await ReadingsAsync()).Count);

        await ExecuteAsync("CREATE TABLE hub.chunk () INHERITS (hub.readings)"); // as TimescaleDB does
        await using var second = Create();
        await second.AppendAsync("", Batches.Of(1, 6, 5));
        Assert.Equal(10, (await ReadingsAsync()).Count);
    }

    [Fact]
    public async Task A_partition_that_is_in_use_waits_for_the_next_time()
    {
        await GreetAsync();
        var days = new[] { 0, 1, 2 }.Select(day => Batches.Message(day + 1, "1") with
        {
            Time = Batches.Start.AddDays(-day).ToUnixTimeMilliseconds(),
        });
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [.. days], []));
        await using (var other = new NpgsqlConnection(_connection + ";Pooling=false"))
        {
            await other.OpenAsync();
            await using var reading = await other.BeginTransactionAsync();
            await using var use = new NpgsqlCommand("LOCK TABLE hub.readings_20260228 IN ACCESS SHARE MODE", other);
            await use.ExecuteNonQueryAsync();
            await Store.RetainAsync(Batches.Start.AddDays(40));
            Assert.Equal("readings_20260228", (await PartitionsAsync())[0]);
            Assert.Single(await ReadingsAsync());
            await using var useAll = new NpgsqlCommand("SELECT count(*) FROM hub.readings", other);
            await useAll.ExecuteNonQueryAsync();
            await Store.RetainAsync(Batches.Start.AddDays(40));
        }

        await Store.RetainAsync(Batches.Start.AddDays(40));
        Assert.Empty(await ReadingsAsync());
    }

    [Fact]
    public void Of_several_hosts_one_that_may_come_back_is_enough_to_try_again()
    {
        var (unknown, slow) = (new SocketException((int)SocketError.HostNotFound), new TimeoutException());
        Assert.True(Explain(unknown, slow).IsTemporary);
        Assert.True(Explain(slow, unknown).IsTemporary);
        Assert.False(Explain(unknown, unknown).IsTemporary);

        static HubStoreException Explain(params Exception[] hosts) =>
            PostgresErrors.Explain("db", new NpgsqlException("", new AggregateException(hosts)));
    }

    [Fact]
    public void Settings_that_do_not_go_together_are_told_in_one_line()
    {
        Assert.Null(PostgresSettings.ProblemOf("Host=a,b;Maximum Pool Size=16;Password=geheim"));
        Assert.Equal("Maximum Pool Size = 8: must be 16 or more, or left out", PostgresSettings.ProblemOf("Host=db;Maximum Pool Size=8"));
        var problem = PostgresSettings.ProblemOf("Host=db;Multiplexing=true;Pooling=false;Password=geheim");
        Assert.StartsWith("is refused by Npgsql: ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_at_a_time_deletes_what_is_too_old()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        await using (var other = new NpgsqlConnection(_connection + ";Pooling=false"))
        {
            await other.OpenAsync();
            await using var busy = new NpgsqlCommand($"SELECT pg_advisory_lock({0x4E504855_00000004})", other);
            await busy.ExecuteNonQueryAsync();
            await Store.RetainAsync(Batches.Start.AddDays(400));
            Assert.Equal(5, (await ReadingsAsync()).Count);
        }

        await Store.RetainAsync(Batches.Start.AddDays(400));
        Assert.Empty(await ReadingsAsync());
    }

    [Fact]
    public async Task The_size_is_that_of_all_tables_and_partitions()
    {
        Assert.True((await Store.TotalsAsync()).StoreBytes > 50_000);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_create_the_tables_once()
    {
        var connection = await server.CreateDatabaseAsync("template0");
        var stores = Enumerable.Range(0, 4).Select(_ => PostgresServer.Create(connection, Options, Time)).ToArray();
        await Task.WhenAll(stores.Select(store => store.OpenAsync()));
        await Task.WhenAll(stores.Select(store => store.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason_and_without_the_password()
    {
        await server.ExecuteAsync("postgres", "CREATE ROLE guest LOGIN PASSWORD 'geheim'");
        await ExecuteAsync("UPDATE hub.version SET version = 99");
        await AssertRefusedAsync(_connection, "version 99");
        await AssertRefusedAsync(server.Connection("nowhere"), "the database does not exist");
        await AssertRefusedAsync("Host=no-such-host.invalid;Database=hub;Username=hub;Password=geheim", "no such host");
        await AssertRefusedAsync(server.Connection("postgres", "nobody"), "refuses the user");
        await AssertRefusedAsync(server.Connection("postgres", "guest") + ";Password=geheim", "lacks a right");
        await server.ExecuteAsync("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        await AssertRefusedAsync(server.Connection("latin"), "encoding LATIN1");
        var foreign = await server.CreateDatabaseAsync("template0");
        await ExecuteAsync("CREATE SCHEMA hub; CREATE TABLE hub.t (x int)", foreign);
        await AssertRefusedAsync(foreign, "tables of another program");

        await using var store = PostgresServer.Create("Host=127.0.0.1;Port=1;Database=hub;Username=hub;Password=geheim", Options, Time);
        var error = await Assert.ThrowsAsync<HubStoreException>(() => store.OpenAsync());
        Assert.True(error.IsTemporary, error.Message);
        Assert.Contains("no connection", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_hosts_the_one_that_can_store_is_used()
    {
        var connection = _connection.Replace($"Host={server.Folder}", $"Host=/nowhere,{server.Folder}", StringComparison.Ordinal);
        await using var store = PostgresServer.Create(connection + ";Target Session Attributes=any", Options, Time);
        await store.OpenAsync();
        await store.CheckAsync();
        await using var session = await store.Forward.OpenAsync(new HubForwardOptions(), null!, null!, default);
        Assert.True(await session.TryBeginAsync(default));
    }

    [Fact]
    public async Task Tables_of_an_earlier_program_get_those_that_forwarding_needs()
    {
        await ExecuteAsync("DROP TABLE hub.outbox, hub.forward_rollups, hub.forward_lanes");
        Options.Forward.Address = "127.0.0.1:1";
        await using var store = PostgresServer.Create(_connection, Options, Time);
        await store.HelloAsync("", new Hello("edge", Lane.Bulk, 1, 1, null));
        Assert.Equal(5, (await store.AppendAsync("", Batches.Of(1, 1, 5))).Mark);
        Assert.Equal(3L, await PostgresContents.AskAsync(_connection, "SELECT count(*) FROM hub.forward_rollups"));
    }

    [Fact]
    public async Task The_user_needs_no_right_but_to_create_a_schema()
    {
        await server.ExecuteAsync("postgres", "CREATE ROLE owner LOGIN");
        var connection = await server.CreateDatabaseAsync("template0");
        var name = new NpgsqlConnectionStringBuilder(connection).Database!;
        await server.ExecuteAsync("postgres", $"ALTER DATABASE {name} OWNER TO owner");
        await using var store = PostgresServer.Create(server.Connection(name, "owner"), Options, Time);
        await store.OpenAsync();
        await store.HelloAsync("", new Hello("edge", Lane.Bulk, 1, 1, null));
        await store.AppendAsync("", Batches.Of(1, 1, 5));
        await store.RetainAsync(Batches.Start.AddDays(400));
        await store.CheckAsync();
    }

    private protected override Task MakeVersion1Async() =>
        ExecuteAsync("ALTER TABLE hub.lanes DROP COLUMN behind; UPDATE hub.version SET version = 1");

    private protected override IHubStore Create() => PostgresServer.Create(_connection, Options, Time);

    private Task AssertAgreesAsync(long messages) => PostgresContents.AssertAgreesAsync(_connection, messages);

    private async Task ExecuteAsync(string sql, string? connection = null) =>
        await PostgresContents.AskAsync(connection ?? _connection, sql);

    private async Task<string[]> PartitionsAsync() => ((string)(await PostgresContents.AskAsync(
        _connection, "SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid::regclass::text) FROM pg_inherits "
        + "WHERE inhparent = 'hub.readings'::regclass"))!).Replace("hub.", "", StringComparison.Ordinal).Split(',');

    private async Task AssertRefusedAsync(string connection, string reason)
    {
        await using var store = PostgresServer.Create(connection, Options, Time);
        var error = await Assert.ThrowsAsync<HubStoreException>(() => store.OpenAsync());
        Assert.False(error.IsTemporary, error.Message);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.ToString(), StringComparison.Ordinal);
    }
}
