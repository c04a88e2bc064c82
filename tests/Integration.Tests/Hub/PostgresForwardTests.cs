using System.Text;
using Integration.Tests.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Postgres;
using Npgsql;
using Wrapped = Microsoft.Extensions.Options.Options;

namespace Integration.Tests.Hub;

/// <summary>From PostgreSQL, whose outbox is the buffer of the uplink, and which several nodes share.</summary>
[Trait("Needs", "Program")]
[Collection(SharedPostgres.Name)]
public sealed class PostgresForwardTests(PostgresServer server) : ForwardTests
{
    private readonly long[] _new = new long[2];
    private string _connection = "";
    private PostgresForwardSession? _session;
    private ForwardTally? _tally;

    private protected override ForwardTally Tally => _tally!;

    private PostgresForward Source => ((PostgresHubStore)Hub).Forward;

    public override async Task InitializeAsync()
    {
        _connection = await server.CreateDatabaseAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task The_next_node_sends_the_same_batch_under_the_same_numbers()
    {
        await OpenAsync(ForwardWhat.Messages);
        await using var other = await CreateSessionAsync();
        Assert.False(await other.TryBeginAsync(default));
        await SendAsync(0, 1, 2);
        await DeliverAsync((await NextAsync())!);
        await EndConnectionOfForwarderAsync(); // before the next hub's answer has come
        Assert.True(await other.TryBeginAsync(default));
        await SendAsync(3, 4);
        var again = (await other.NextAsync(Lane.Bulk, "hub", Batch.MaxMessages, default)).Batch!;
        Assert.Equal((1, 3), (again.First, again.Last));
        await DeliverAsync(again);
        Assert.NotNull(await other.AcknowledgeAsync(Lane.Bulk, again.Epoch, 3, null, default));
        await DeliverAsync((await other.NextAsync(Lane.Bulk, "hub", Batch.MaxMessages, default)).Batch!);

        // The first node may not know that its turn is over. It repeats what it has, and can change nothing.
        await DeliverAsync(again);
        await Assert.ThrowsAsync<BufferException>(() => _session!.AcknowledgeAsync(Lane.Bulk, again.Epoch, 3, null, default));
        Assert.Equal(Enumerable.Range(0, 5), await ReadingsAsync(Cloud));
        Assert.Equal(5, (await Cloud.TotalsAsync()).Messages);
    }

    [Fact]
    public async Task A_rollup_that_a_transaction_is_changing_waits_for_its_end()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0, 1);
        Time.Advance(TimeSpan.FromSeconds(65));
        await using (var writer = new NpgsqlConnection(_connection + ";Pooling=false"))
        {
            await writer.OpenAsync();
            await using var transaction = await writer.BeginTransactionAsync();
            await using var change = new NpgsqlCommand("UPDATE hub.rollups SET count = count + 1", writer);
            await change.ExecuteNonQueryAsync();
            await MoveAsync();
            Assert.Empty((await Cloud.SeriesAsync(null, null, All)).Items);
            await transaction.CommitAsync();
        }

        await MoveAsync();
        Assert.Equal(3, Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)).Count);
        Assert.Equal(0L, await PostgresContents.AskAsync(_connection, "SELECT count(*) FROM hub.forward_rollups WHERE resolution = 60"));
    }

    [Fact]
    public async Task A_rollup_and_what_is_behind_it_wait_for_the_alarms_that_it_counts()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0);
        await SendAsync(Lane.Alarm, 1);
        Time.Advance(TimeSpan.FromSeconds(65));
        await _session!.MoveRollupsAsync(default);
        await SendAsync(2);
        var bulk = (await NextAsync())!;
        Assert.Single(bulk.Messages);
        await AcknowledgeAsync(bulk);
        Assert.Null(await NextAsync());
        await AcknowledgeAsync((await NextAsync(Lane.Alarm))!);
        Assert.Equal(2, (await NextAsync())!.Messages.Count);
    }

    [Fact]
    public async Task What_the_next_hub_has_lost_and_what_somebody_has_deleted_is_declared_as_lost()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1, 2);
        await AcknowledgeAsync((await NextAsync())!);
        Assert.Equal(2, await _session!.MoveMarkBackAsync(Lane.Bulk, 1, default)); // an older copy of the next hub's store
        Assert.Equal(("hub_restored", 2), Tally.Drops(0, 0).Single(drop => drop.Reason == "hub_restored"));
        await SendAsync(3, 4, 5);
        Assert.Equal(6, (await NextAsync())!.Last);
        await server.ExecuteAsync(new NpgsqlConnectionStringBuilder(_connection).Database!, "DELETE FROM hub.outbox WHERE id = 5");
        var batch = (await NextAsync())!;
        Assert.Equal([new Loss(2, 2, LossReason.HubRestored), new Loss(5, 1, LossReason.Damaged)], batch.Losses);
        Assert.Equal([4L, 6L], batch.Messages.Select(message => message.Sequence));
        Assert.Equal(0, (await _session.NextAsync(Lane.Bulk, "hub", Batch.MaxMessages, default)).Damaged); // counted at the end
        await AcknowledgeAsync(batch);
        Assert.Equal(("damaged", 1), Tally.Drops(0, 0).Single(drop => drop.Reason == "damaged"));
        Assert.Null(await NextAsync());
        Assert.Equal(7, (await _session.ReadAsync(Lane.Bulk, default)).Next);
    }

    [Fact]
    public async Task Epoch_and_mark_outlive_the_node_and_a_foreign_answer_changes_nothing()
    {
        await OpenAsync(ForwardWhat.Messages);
        var hubEpoch = (await _session!.ReadAsync(Lane.Bulk, default)).Epoch + (7L << 40);
        Assert.True(await _session.TryOvertakeAsync(Lane.Bulk, hubEpoch, () => { }, default)); // forwarded from another store before
        await _session.NoteAgreedAsync(Lane.Bulk, default);
        Assert.False(await _session.TryOvertakeAsync(Lane.Bulk, 2 * hubEpoch, () => { }, default)); // this may be an older copy
        var epoch = await _session.BeginEpochAsync(Lane.Bulk, default);
        Assert.True(epoch > hubEpoch);
        await SendAsync(0, 1);
        var batch = (await NextAsync())!;
        var last = batch.Messages[^1];
        Assert.Equal((epoch, 2), (batch.Epoch, last.Sequence));
        Assert.Equal(
            MessageChecksum.Compute(2, last.Time, Encoding.UTF8.GetBytes(last.Topic), last.Payload.Span),
            await _session.ChecksumOfAsync(Lane.Bulk, 2, default));
        Assert.Null(await _session.AcknowledgeAsync(Lane.Bulk, hubEpoch, 2, null, default));
        Assert.Null(await _session.AcknowledgeAsync(Lane.Bulk, epoch, 3, null, default)); // it was never given
        Assert.NotNull(await _session.AcknowledgeAsync(Lane.Bulk, epoch, 1, 5, default));
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        Assert.Equal(new LanePosition(epoch, Next: 3, Mark: 1, Checksum: 5), await _session.ReadAsync(Lane.Bulk, default));
        Assert.Equal(2, Assert.Single((await NextAsync())!.Messages).Sequence);
    }

    [Fact]
    public async Task What_is_dropped_behind_a_batch_that_is_on_its_way_is_told_behind_it()
    {
        Options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 5)]);
        var batch = (await NextAsync())!;
        await SendAsync([.. Enumerable.Range(5, 20)]);
        await _session!.BoundAsync(default);
        Assert.Equal((1, 5), (batch.First, (await NextAsync())!.Last));
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages); // another node
        await AcknowledgeAsync(batch);
        batch = (await NextAsync())!;
        Assert.Equal(new Loss(6, 15, LossReason.Full), Assert.Single(batch.Losses));
        Assert.Equal((21, 25), (batch.Messages[0].Sequence, batch.Last));
        await AcknowledgeAsync(batch);
        Assert.Null(await NextAsync());
    }

    [Fact]
    public async Task A_count_that_takes_long_or_fails_holds_up_nothing()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0, 1, 2);
        await _session!.BoundAsync(default);
        Assert.Equal(3, Tally.Waiting);
        Assert.Equal(2, (await _session.NextAsync(Lane.Bulk, "hub", most: 1, default)).Batch!.Behind);
        await AcknowledgeAsync((await NextAsync())!);
        await using (var other = new NpgsqlConnection(_connection + ";Pooling=false"))
        {
            await other.OpenAsync();
            await using var transaction = await other.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("LOCK TABLE hub.forward_rollups", other);
            await command.ExecuteNonQueryAsync();
            var bounding = _session.BoundAsync(default); // waits for the table
            await AcknowledgeAsync((await NextAsync().WaitAsync(TimeSpan.FromSeconds(10)))!);
            Assert.False(bounding.IsCompleted);
            await transaction.RollbackAsync();
            await bounding;
        }

        await SendAsync(3);
        var name = new NpgsqlConnectionStringBuilder(_connection).Database;
        await server.ExecuteAsync("postgres", $"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await server.ExecuteAsync(
            "postgres",
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" + name + "' AND pid NOT IN ("
            + "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 5)");
        await _session.BoundAsync(default);
        await AcknowledgeAsync((await NextAsync())!);
        Assert.Equal([0, 1, 2, 3], await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task Rollups_that_are_forwarded_no_longer_do_not_count()
    {
        Options.Forward.MaxBacklog = 10;
        Options.Retention.Minutes = TimeSpan.FromHours(1);
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync([.. Enumerable.Range(0, 30).Select(minute => minute * 60)]);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        Time.Advance(TimeSpan.FromMinutes(70));
        await MoveAsync();
        Assert.Equal((0, 0, 0), ((int)Tally.Dropped, (int)Tally.Waiting, (int)Tally.TooOld));
        Assert.True((long)(await PostgresContents.AskAsync(_connection, "SELECT count(*) FROM hub.forward_rollups"))! is > 0 and < 30);
    }

    [Theory]
    [InlineData(2, 1)] // how many may go is less than how many are refused
    [InlineData(Batch.MaxMessages, Batch.MaxMessages)]
    public async Task What_cannot_go_does_not_hold_up_what_is_behind_it(int refused, int most)
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(
            Lane.Bulk, [.. Enumerable.Range(0, refused + 2)], number => number < refused ? new string('x', Topic.MaxBytes) : "t");
        var (batch, _) = await _session!.NextAsync(Lane.Bulk, "hub", most, default);
        Assert.Equal(Math.Min(most, 2), batch?.Messages.Count);
        Assert.Equal(refused, Tally.TooLong);
    }

    [Fact]
    public async Task Days_do_not_wait_behind_minutes_and_all_are_new_when_their_time_is_over()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(Lane.Bulk, [.. Enumerable.Range(0, 600)], second => $"t{second}");
        await MoveAsync();
        Time.Advance(TimeSpan.FromHours(25));
        Assert.True(await _session!.MoveRollupsAsync(default));
        Assert.Equal(
            100L, await PostgresContents.AskAsync(_connection, "SELECT count(*) FROM hub.forward_rollups WHERE resolution = 86400"));
        await LookAsync();
        Assert.Equal(1800, NewOf(Lane.Bulk));
    }

    [Fact]
    public async Task One_node_forwards_and_another_takes_over()
    {
        await OpenAsync(null);
        Options.Forward.Address = "127.0.0.1:1";
        await using var first = CreateForwarder();
        await first.StartAsync(default);
        await UntilAsync(first, HealthStatus.Degraded, "127.0.0.1:1 takes nothing");
        await using var second = CreateForwarder();
        await second.StartAsync(default);
        await UntilAsync(second, HealthStatus.Healthy, "another node of this hub forwards");
        await EndConnectionOfForwarderAsync();
        await UntilAsync(second, HealthStatus.Degraded, "127.0.0.1:1 takes nothing");
        await UntilAsync(first, HealthStatus.Healthy, "another node of this hub forwards");
    }

    private protected override IHubStore CreateHub() => PostgresServer.Create(_connection, Options, Time);

    private protected override async Task BeginAsync()
    {
        Array.Clear(_new);
        _tally = new ForwardTally("hub", Options.Forward, Time, NullLogger.Instance);
        _session = await CreateSessionAsync();
        Assert.True(await _session.TryBeginAsync(default));
        await _session.NoteOpenRollupsAsync(default);
    }

    private protected override async Task CloseHubAsync()
    {
        await (_session?.DisposeAsync() ?? ValueTask.CompletedTask);
        _session = null;
        await base.CloseHubAsync();
    }

    private protected override async Task MoveAsync()
    {
        await _session!.BoundAsync(default);
        for (var hasMore = true; hasMore;)
        {
            hasMore = await _session.MoveRollupsAsync(default);
            while (await NextAsync(Lane.Bulk) is { } bulk)
            {
                await AcknowledgeAsync(bulk);
            }

            while (await NextAsync(Lane.Alarm) is { } alarm)
            {
                await AcknowledgeAsync(alarm);
                hasMore = true; // a rollup may have waited for it
            }
        }
    }

    private protected override Task LookAsync() => _session!.LookAgainAsync(default);

    private protected override long NewOf(Lane lane) => _new[(int)lane];

    private Task<PostgresForwardSession> CreateSessionAsync() =>
        Source.OpenAsync(Options.Forward, Tally, (lane, count) => _new[(int)lane] += count, default);

    private async Task<Batch?> NextAsync(Lane lane = Lane.Bulk) =>
        (await _session!.NextAsync(lane, "hub", Batch.MaxMessages, default)).Batch;

    private async Task AcknowledgeAsync(Batch batch)
    {
        await DeliverAsync(batch);
        Assert.NotNull(await _session!.AcknowledgeAsync(batch.Lane, batch.Epoch, batch.Last, null, default));
    }

    private async Task EndConnectionOfForwarderAsync() => await PostgresContents.AskAsync(
        _connection,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5 AND granted "
        + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

    private HubForwarder CreateForwarder() => new(
        Wrapped.Create(Options),
        Hub,
        Wrapped.Create(new BreakerOptions()),
        new HubMetrics(TestMeters.Create(), Time),
        TimeProvider.System,
        NullLoggerFactory.Instance);

    private async Task UntilAsync(HubForwarder forwarder, HealthStatus status, string description)
    {
        var check = new ForwardCheck(forwarder, Wrapped.Create(Options));
        var last = default(HealthCheckResult);
        await Eventually.Async(
            async () =>
            {
                last = await check.CheckHealthAsync(new HealthCheckContext());
                return last.Status == status && last.Description!.Contains(description, StringComparison.Ordinal);
            },
            () => $"{last.Status}: {last.Description}");
    }
}
