using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;
using Wrapped = Microsoft.Extensions.Options.Options;

namespace Integration.Tests.Hub;

/// <summary>From SQLite through the buffer of the uplink.</summary>
public sealed class SqliteForwardTests : ForwardTests
{
    private MessageForwarder? _next;
    private Handover? _handover;
    private ForwardTally? _tally;
    private bool _begins = true;

    private protected override ForwardTally Tally => _tally!;

    private IEnumerable<(string Reason, long Count)> Drops => Tally.Drops(_next!.Damaged, _next.LostByHub);

    private SqliteHubStore Store => (SqliteHubStore)Hub;

    [Fact]
    public async Task A_rollup_that_changes_while_it_is_handed_over_is_forwarded_again()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        Time.Advance(TimeSpan.FromSeconds(65));
        var due = await Store.Forward.ReadDueAsync(10, default);
        Assert.Single(due.Rollups);
        await SendAsync(1);
        await Store.Forward.DeleteRollupsAsync(due.Rollups, default);
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Empty((await Store.Forward.ReadDueAsync(10, default)).Rollups);
    }

    [Fact]
    public async Task Hours_do_not_wait_behind_minutes_and_both_are_new_when_their_time_is_over()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(Lane.Bulk, [.. Enumerable.Range(0, 600)], second => $"t{second}");
        await MoveAsync();
        Time.Advance(TimeSpan.FromHours(2));
        var due = await Store.Forward.ReadDueAsync(700, default);
        Assert.Equal((1200, 600), ((int)due.NewRollups, due.Rollups.Count(one => one.Resolution == Resolution.Hour)));
        Time.Advance(TimeSpan.FromHours(23));
        await _handover!.StepAsync(default);
        Assert.Equal((500, 600), (_next!.Messages, NewOf(Lane.Bulk))); // days
    }

    [Fact]
    public async Task A_rollup_that_late_data_changes_is_forwarded_once_a_second_at_most()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        Time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        Assert.Equal(HandoverOutcome.Nothing, await _handover!.StepAsync(default));
        await SendAsync(1);
        Assert.Equal(HandoverOutcome.Nothing, await _handover.StepAsync(default));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HandoverOutcome.Moved, await _handover.StepAsync(default));
        await SendAsync(2);
        Assert.Equal(HandoverOutcome.Nothing, await _handover.StepAsync(default));
        Assert.Equal(1, _next!.Messages);
    }

    [Fact]
    public async Task The_backlog_has_its_bound_while_the_buffer_fails()
    {
        Options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 30)]);
        await _next!.Buffer.DisposeAsync();
        var handover = new Handover(Store.Forward, _next, Options.Forward, Tally, Time);
        await Assert.ThrowsAnyAsync<Exception>(() => handover.BeginAsync(default));
        Assert.Equal((20, 10), ((int)Tally.Dropped, (int)Tally.Waiting));
    }

    [Fact]
    public async Task Rollups_that_have_no_room_are_not_read_again_before_something_has_left_the_buffer()
    {
        Options.Forward.BufferSize = 10;
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync([.. Enumerable.Range(0, 30).Select(minute => minute * 60)]);
        Time.Advance(TimeSpan.FromMinutes(40));
        var source = new Forgetful(Store.Forward);
        _handover = new Handover(source, _next!, Options.Forward, Tally, Time);
        await _handover.BeginAsync(default);
        for (var step = 0; step < 10; step++)
        {
            Assert.Equal(HandoverOutcome.Blocked, await _handover.StepAsync(default));
        }

        Assert.InRange(source.Looks, 2, 3);
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
    }

    [Fact]
    public async Task A_message_is_handed_over_once_if_the_hub_is_killed_before_it_forgets_it()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 20)]);
        var broken = new Handover(new Forgetful(Store.Forward), _next!, Options.Forward, Tally, Time);
        await broken.BeginAsync(default);
        await Assert.ThrowsAsync<HubStoreException>(() => broken.StepAsync(default));
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(20);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 21), await ReadingsAsync(Cloud));
    }

    [Fact]
    public Task An_older_copy_of_the_store_loses_no_new_message_and_repeats_none() => RestoreAsync(begins: true);

    [Fact]
    public Task An_older_copy_of_the_store_loses_no_message_that_comes_before_the_buffer_is_open() => RestoreAsync(begins: false);

    [Fact]
    public async Task What_has_no_room_in_the_buffer_waits_in_the_store()
    {
        Options.Forward.BufferSize = 7;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 50)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover!.StepAsync(default));
        Assert.Equal(7, _next!.Messages);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 50), await ReadingsAsync(Cloud));
        Assert.Equal(0, (await Cloud.TotalsAsync()).Lost);
    }

    [Fact]
    public async Task An_alarm_has_room_in_the_buffer_though_bulk_messages_wait_for_room()
    {
        Options.Forward.BufferSize = 100;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 200)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover!.StepAsync(default));
        Assert.Equal(90, _next!.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(200, 5)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover.StepAsync(default));
        Assert.Equal(5, _next.Buffer.State![Lane.Alarm].Messages);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 205), await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task Files_of_a_program_that_noted_one_position_for_both_lanes_are_used_as_they_are()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1, 2, 3);
        await SendAsync(Lane.Alarm, 4, 5);
        await CloseHubAsync();
        await using (var hub = new SqliteConnection($"Data Source={HubPath};Pooling=False"))
        {
            hub.Open();
            NetworkProtocol.Edge.Buffer.Connections.Execute(hub, "DROP TABLE outbox_lanes; DROP INDEX outbox_by_lane");
        }

        await using (var buffer = new SqliteConnection($"Data Source={Options.Forward.Path}/buffer.db;Pooling=False"))
        {
            // It was killed after it had put the first three into the buffer.
            buffer.Open();
            NetworkProtocol.Edge.Buffer.Connections.Execute(buffer, """
                CREATE TABLE position(id INTEGER PRIMARY KEY, position INTEGER NOT NULL, inverse INTEGER NOT NULL) STRICT;
                INSERT INTO position VALUES(1, 3, ~3)
                """);
        }

        await OpenAsync(ForwardWhat.Messages);
        await MoveAsync();
        Assert.Equal([3, 4, 5], await ReadingsAsync(Cloud));
        await SendAsync(Lane.Alarm, 6);
        await MoveAsync();
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(7);
        await MoveAsync();
        Assert.Equal([3, 4, 5, 6, 7], await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task What_a_restored_cloud_has_lost_is_counted()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1, 2);
        await MoveAsync();
        await _next!.Buffer.RunAsync(file => file.MoveMarkBack(Lane.Bulk, 1), default);
        Assert.Equal(("hub_restored", 2), Drops.Single(drop => drop.Reason == "hub_restored"));
    }

    [Fact]
    public async Task What_waits_is_forgotten_when_the_settings_want_it_no_longer()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0, 1);
        await CloseHubAsync();
        Time.Advance(TimeSpan.FromMinutes(2)); // else the minute would be noted as one that is being filled
        await OpenAsync(null);
        Assert.Contains("2 messages and 3 rollups", await ForgetAsync(), StringComparison.Ordinal);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Both);
        Assert.Equal(0, Tally.Waiting);
        await SendAsync(60);
        Time.Advance(TimeSpan.FromMinutes(3));
        await MoveAsync();
        Assert.Equal([60], await ReadingsAsync(Cloud));
        Assert.Equal(Batches.Start.AddMinutes(1), Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)).Start);
    }

    [Fact]
    public async Task What_is_forgotten_goes_in_slices_and_is_logged()
    {
        await OpenAsync(ForwardWhat.Messages);
        for (var batch = 0; batch < 3; batch++)
        {
            await SendAsync([.. Enumerable.Range(batch * 500, 500)]);
        }

        await CloseHubAsync();
        await OpenAsync(null);
        Assert.Equal((1000, 0), await Store.Forward.ForgetUnwantedAsync(default));
        Assert.Contains("500 messages and 0 rollups", await ForgetAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0), await Store.Forward.ForgetUnwantedAsync(default));
    }

    [Fact]
    public async Task What_was_handed_over_is_not_dropped_though_the_hub_is_killed_before_it_forgets_it()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 30)]);
        var broken = new Handover(new Forgetful(Store.Forward), _next!, Options.Forward, Tally, Time);
        await broken.BeginAsync(default);
        await Assert.ThrowsAsync<HubStoreException>(() => broken.StepAsync(default));
        await CloseHubAsync();
        Options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await MoveAsync();
        Assert.Equal(0, Tally.Dropped);
        Assert.Equal(Enumerable.Range(0, 30), await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task A_cloud_that_is_away_degrades_the_health_of_the_hub()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await CloseHubAsync();
        await using var store = new SqliteHubStore(HubPath, Options, new HubMetrics(TestMeters.Create(), Time), Time);
        await using var forwarder = new HubForwarder(
            Wrapped.Create(Options),
            store,
            Wrapped.Create(new BreakerOptions()),
            new HubMetrics(TestMeters.Create(), Time),
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await forwarder.StartAsync(default);
        var health = await new ForwardCheck(forwarder, Wrapped.Create(Options)).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("127.0.0.1:1 takes nothing", health.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_hub_has_the_time_to_answer_that_the_settings_give_it() => Assert.Equal(
        TimeSpan.FromMinutes(1), new HubForwardOptions { ConnectionTimeout = TimeSpan.FromMinutes(1) }.ToEdge().ConnectionTimeout);

    [Fact]
    public async Task The_buffer_of_a_hub_speaks_of_the_hub()
    {
        await OpenAsync(ForwardWhat.Messages);
        var storage = new NetworkProtocol.Edge.Buffer.BufferStorage(
            Wrapped.Create(Options.Forward.ToEdge().From(HubForwardOptions.Section)),
            null!,
            Time,
            NullLogger<NetworkProtocol.Edge.Buffer.MessageBuffer>.Instance);
        Assert.Contains("the hub's disk is full", storage.Describe(new SqliteException("full", 13)), StringComparison.Ordinal);
        Assert.Equal("What it forwards waits in its store", storage.Owner.WhileNotDurable);
        Assert.Equal("the rest waits in the store", storage.Owner.WithoutRoom(WhenFull.Block));
    }

    [Theory]
    [InlineData("", "/content/forward")]
    [InlineData("there", "/content/there")]
    [InlineData("/elsewhere", "/elsewhere")]
    public void A_relative_path_of_the_buffer_belongs_to_the_folder_of_the_program(string path, string expected) =>
        Assert.Equal(expected, new HubForwardOptions { Path = path, Root = "/content" }.ToEdge().Path);

    [Theory]
    [InlineData(HubStoreKind.None, "localhost:1", "", "Address = localhost:1: must be empty with")]
    [InlineData(HubStoreKind.Sqlite, "a:b", "", "Address = a:b: must be host")]
    [InlineData(HubStoreKind.Sqlite, "localhost:1", "a\nb", "Source = ")]
    [InlineData(HubStoreKind.Sqlite, "localhost:1", "hub", null)]
    [InlineData(HubStoreKind.Sqlite, "localhost:1", "", null)]
    [InlineData(HubStoreKind.PostgreSql, "localhost:1", "", "Source is missing")]
    [InlineData(HubStoreKind.PostgreSql, "localhost:1", "hub", null)]
    public void Settings_that_cannot_work_are_refused(HubStoreKind store, string address, string source, string? problem)
    {
        var result = new HubOptionsValidator().Validate(
            null,
            new HubOptions
            {
                Store = store,
                ConnectionString = "Host=db",
                Forward = { Address = address, Source = source },
            });
        Assert.Equal(problem is null, result.Succeeded);
        Assert.Contains(problem ?? "", result.FailureMessage ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, double.NaN, "not finite")]
    [InlineData(1, 1, "no multiple")]
    [InlineData(3 * 86_400_000L, 1, "ahead")]
    public async Task A_rollup_that_cannot_be_true_is_a_dead_letter(long later, double sum, string reason)
    {
        await OpenAsync(ForwardWhat.Rollups);
        var start = Batches.Start.ToUnixTimeMilliseconds() + later;
        var report = new RollupReport("", "", 60, start, 1, sum, 1, 1, 1, start);
        await Cloud.HelloAsync("", new Hello("hub", Lane.Bulk, 1, 1, null));
        await Cloud.AppendAsync("", new Batch(
            "hub", Lane.Bulk, 1, 1, [new BatchMessage(1, Batches.Start.ToUnixTimeMilliseconds(), "a", report.Encode())], []));
        Assert.Contains(reason, Assert.Single((await Cloud.DeadLettersAsync(null, All)).Items).Reason, StringComparison.Ordinal);
        Assert.Empty((await Cloud.SeriesAsync(null, null, All)).Items);
    }

    private async Task RestoreAsync(bool begins)
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1);
        await CloseHubAsync();
        var copy = Folder.Path + "/copy.db";
        File.Copy(HubPath, copy);
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(2, 3);
        await MoveAsync();
        await CloseHubAsync();
        File.Copy(copy, HubPath, overwrite: true);
        ForgetAfter(2);
        _begins = begins;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(4);
        await MoveAsync();
        await SendAsync(5);
        await MoveAsync();
        Assert.Equal([0, 1, 2, 3, 4, 5], await ReadingsAsync(Cloud));
    }

    /// <summary>Starts the hub's forwarder, which forgets what the settings do not want, and returns what it logs.</summary>
    private async Task<string> ForgetAsync()
    {
        using var log = new FirstLine();
        await using var forwarder = new HubForwarder(
            Wrapped.Create(Options), Hub, Wrapped.Create(new BreakerOptions()), new HubMetrics(TestMeters.Create(), Time), Time, log);
        await forwarder.StartAsync(default);
        return await log.Line.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private string HubPath => Path.Combine(Folder.Path, "hub.db");

    private protected override IHubStore CreateHub() =>
        new SqliteHubStore(HubPath, Options, new HubMetrics(TestMeters.Create(), Time), Time);

    private protected override async Task BeginAsync()
    {
        Options.Forward.Path = Path.Combine(Folder.Path, "forward");
        _next = new MessageForwarder(
            Options.Forward.ToEdge(), HubForwardOptions.Section, "forward", new BreakerOptions(), Time, NullLoggerFactory.Instance);
        _next.Buffer.Open(); // without the uplink: the test sends
        _tally = new ForwardTally("hub", Options.Forward, Time, NullLogger.Instance) { TooLate = () => Store.Forward.TooOld };
        _handover = new Handover(Store.Forward, _next, Options.Forward, _tally, Time);
        await (_begins ? _handover.BeginAsync(default) : Task.CompletedTask);
    }

    private protected override async Task CloseHubAsync()
    {
        await (_next?.DisposeAsync() ?? ValueTask.CompletedTask);
        _next = null;
        await base.CloseHubAsync();
    }

    private protected override async Task MoveAsync()
    {
        await _handover!.BeginAsync(default); // it looks for rollups at once
        var outcome = HandoverOutcome.Moved;
        while (outcome != HandoverOutcome.Nothing)
        {
            var step = _handover!.StepAsync(default);
            do
            {
                await DrainAsync(); // also while the step waits for alarms
            }
            while (!step.IsCompleted);
            outcome = await step;
            await DrainAsync();
        }
    }

    private protected override Task LookAsync() => _handover!.StepAsync(default);

    private protected override long NewOf(Lane lane) => _next!.NewOf(lane);

    private async Task DrainAsync()
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            while ((await _next!.Buffer.RunAsync(file => BatchBuilder.Next(file, lane, "hub"), default)).Batch is { } batch)
            {
                await DeliverAsync(batch);
                await _next.Buffer.RunAsync(file => file.Acknowledge(lane, batch.Last, null), default);
            }
        }
    }

    /// <summary>A log that tells its first line.</summary>
    private sealed class FirstLine : ILoggerFactory, ILogger
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _line.TrySetResult(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    /// <summary>A store that fails when it is to forget messages.</summary>
    private sealed class Forgetful(IForwardSource source) : IForwardSource
    {
        public Task Changed => source.Changed;

        public long TooOld => source.TooOld;

        /// <summary>How often rollups were looked for.</summary>
        public int Looks { get; private set; }

        public Task NoteOpenRollupsAsync(CancellationToken cancellationToken) => source.NoteOpenRollupsAsync(cancellationToken);

        public Task BeginAfterAsync(IReadOnlyList<long> positions, CancellationToken cancellationToken) =>
            source.BeginAfterAsync(positions, cancellationToken);

        public Task<ForwardDue> ReadDueAsync(int max, CancellationToken cancellationToken)
        {
            Looks += max > 0 ? 1 : 0;
            return source.ReadDueAsync(max, cancellationToken);
        }

        public Task<IReadOnlyList<ForwardMessage>> ReadMessagesAsync(
            Lane lane, long after, long upTo, CancellationToken cancellationToken) =>
            source.ReadMessagesAsync(lane, after, upTo, cancellationToken);

        public Task DeleteMessagesAsync(Lane lane, long upTo, CancellationToken cancellationToken) => throw new HubStoreException("killed");

        public Task DeleteRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken) =>
            source.DeleteRollupsAsync(rollups, cancellationToken);

        public Task<ForwardBacklog> BoundAsync(long max, long maxBytes, CancellationToken cancellationToken) =>
            source.BoundAsync(max, maxBytes, cancellationToken);
    }
}
