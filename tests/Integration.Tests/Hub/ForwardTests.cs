using System.Globalization;
using System.Text;
using Integration.Tests.Console;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;

namespace Integration.Tests.Hub;

/// <summary>
/// What waits in a hub's store goes into the buffer of the uplink, and from there into the store of the next hub, without a network and
/// with a clock that the test controls.
/// </summary>
public sealed class ForwardTests : IAsyncDisposable, IAsyncLifetime
{
    private static readonly HubQuery All = new(HubQuery.MaxSize);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Batches.Start);
    private readonly HubOptions _options = new() { Forward = { Address = "127.0.0.1:1", Source = "hub" } };
    private SqliteHubStore? _hub;
    private MessageForwarder? _next;
    private SqliteHubStore? _cloud;
    private Handover? _handover;
    private readonly long[] _sent = new long[2];

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await CloseHubAsync();
        await (_cloud?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Fact]
    public async Task Rollups_are_forwarded_when_their_time_is_over_and_again_when_late_data_changes_them()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0, 10, 59, 60, 61);
        await MoveAsync();
        Assert.Empty((await _cloud!.SeriesAsync(null, null, All)).Items);
        _time.Advance(TimeSpan.FromSeconds(64.9));
        await MoveAsync();
        Assert.Empty((await _cloud.SeriesAsync(null, null, All)).Items);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await MoveAsync();
        var series = Assert.Single((await _cloud.SeriesAsync(null, null, All)).Items);
        Assert.Equal(("hub", "edge/room/temperature", 59), (series.Source, series.Topic, (int)(double)series.Last.Value!));
        Assert.Equal(new Rollup(Batches.Start, 3, 69, 0, 59, 59), Assert.Single(await RollupsAsync(_cloud, Resolution.Minute)));
        Assert.Empty((await _cloud.ReadingsAsync(series.Id, default, All)).Items);
        var beyond = Assert.Single((await _cloud.Forward.ReadDueAsync(10, default)).Rollups); // the cloud could forward it in turn
        Assert.Equal(("hub", "edge/room/temperature", 3), (beyond.Source, beyond.Topic, (int)beyond.Sum!.Value.Count));

        // The second minute is over, and nobody has sent since: it is still the open one.
        _time.Advance(TimeSpan.FromSeconds(60));
        await MoveAsync();
        Assert.Equal(2, (await RollupsAsync(_cloud, Resolution.Minute)).Count);
        await SendAsync(30, 62); // late for the first minute, and for the second one that was forwarded while it was open
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal([4, 3], (await RollupsAsync(_cloud, Resolution.Minute)).Select(one => (int)one.Count));

        _time.Advance(TimeSpan.FromDays(1));
        await SendAsync(86_400); // closes hour and day
        await SendAsync(3_000);
        await MoveAsync();
        await AssertSameAsync(Resolution.Hour);
        await AssertSameAsync(Resolution.Day);
        Assert.Equal(8, Assert.Single(await RollupsAsync(_cloud, Resolution.Day)).Count);
        _time.Advance(TimeSpan.FromDays(2));
        await MoveAsync();
        await AssertSameAsync(Resolution.Day);
        Assert.Equal(2, (await RollupsAsync(_cloud, Resolution.Day)).Count);
    }

    [Fact]
    public async Task A_rollup_that_changes_while_it_is_handed_over_is_forwarded_again()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        _time.Advance(TimeSpan.FromSeconds(65));
        var due = await _hub!.Forward.ReadDueAsync(10, default);
        Assert.Single(due.Rollups);
        await SendAsync(1);
        await _hub.Forward.DeleteRollupsAsync(due.Rollups, default);
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Empty((await _hub.Forward.ReadDueAsync(10, default)).Rollups);
    }

    [Fact]
    public async Task A_rollup_that_changes_while_the_clock_is_set_back_is_forwarded_again()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        _time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        _time.AdjustTime(Batches.Start.AddSeconds(30));
        await SendAsync(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await MoveAsync();
        Assert.Equal(2, Assert.Single(await RollupsAsync(_cloud!, Resolution.Minute)).Count);
    }

    [Fact]
    public async Task Hours_do_not_wait_behind_minutes_and_both_are_new_when_their_time_is_over()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(Lane.Bulk, [.. Enumerable.Range(0, 600)], second => $"t{second}");
        await MoveAsync();
        _time.Advance(TimeSpan.FromHours(2));
        var due = await _hub!.Forward.ReadDueAsync(700, default);
        Assert.Equal((1200, 600), ((int)due.NewRollups, due.Rollups.Count(one => one.Resolution == Resolution.Hour)));
        _time.Advance(TimeSpan.FromHours(23));
        await _handover!.StepAsync(default);
        Assert.Equal((500, 600), (_next!.Messages, NewOf(Lane.Bulk))); // days
    }

    [Fact]
    public async Task A_rollup_that_late_data_changes_is_forwarded_once_a_second_at_most()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        _time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        Assert.Equal(HandoverOutcome.Nothing, await _handover!.StepAsync(default));
        await SendAsync(1);
        Assert.Equal(HandoverOutcome.Nothing, await _handover.StepAsync(default));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HandoverOutcome.Moved, await _handover.StepAsync(default));
        await SendAsync(2);
        Assert.Equal(HandoverOutcome.Nothing, await _handover.StepAsync(default));
        Assert.Equal(1, _next!.Messages);
    }

    [Fact]
    public async Task Late_data_for_a_rollup_that_the_hub_has_deleted_does_not_replace_the_clouds()
    {
        _options.Retention.Minutes = TimeSpan.FromHours(1);
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync([.. Enumerable.Range(0, 30)]);
        _time.Advance(TimeSpan.FromHours(2));
        await MoveAsync(); // it was away all the time, and the hub has not deleted anything yet
        Assert.Equal(1, _handover!.TooOld);
        Assert.Empty(await RollupsAsync(_cloud!, Resolution.Minute));
        Assert.Equal(30, Assert.Single(await RollupsAsync(_cloud!, Resolution.Hour)).Count);
        await SendAsync([.. Enumerable.Range(7200, 30)]);
        _time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        _time.Advance(TimeSpan.FromHours(2));
        await _hub!.RetainAsync(_time.GetUtcNow());
        await SendAsync([.. Enumerable.Range(7230, 29)]);
        await SendAsync(7259);
        await MoveAsync();
        Assert.Equal(30, Assert.Single(await RollupsAsync(_cloud!, Resolution.Minute)).Count);
        Assert.Equal(60, (await RollupsAsync(_cloud!, Resolution.Hour))[^1].Count);
        Assert.Equal(("retention", 2), _handover.Drops.Single(one => one.Reason == "retention"));
        Assert.Empty((await _hub.Forward.ReadDueAsync(10, default)).Rollups);
    }

    [Fact]
    public async Task The_backlog_has_its_bound_while_the_buffer_fails()
    {
        _options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 30)]);
        await _next!.Buffer.DisposeAsync();
        var handover = new Handover(_hub!.Forward, _next, _options.Forward, _time, NullLogger.Instance);
        await Assert.ThrowsAnyAsync<Exception>(() => handover.BeginAsync(default));
        Assert.Equal((20, 10), ((int)handover.Dropped, (int)handover.Waiting));
    }

    [Fact]
    public async Task Beyond_the_backlogs_size_the_oldest_are_not_forwarded()
    {
        const int Size = 72; // the edge's name, the topic, two digits, and what a row takes
        _options.Forward.MaxBacklogBytes = 10 * Size;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(10, 5)]);
        await SendAsync([.. Enumerable.Range(20, 30)]);
        _time.Advance(TimeSpan.FromSeconds(10));
        await MoveAsync();
        Assert.Equal((25, 10), ((int)_handover!.Dropped, (int)_handover.Waiting));
        Assert.Equal([10, 11, 12, 13, 14, 45, 46, 47, 48, 49], await ReadingsAsync(_cloud!));
    }

    [Fact]
    public async Task Rollups_that_have_no_room_are_not_read_again_before_something_has_left_the_buffer()
    {
        _options.Forward.BufferSize = 10;
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync([.. Enumerable.Range(0, 30).Select(minute => minute * 60)]);
        _time.Advance(TimeSpan.FromMinutes(40));
        var source = new Forgetful(_hub!.Forward);
        _handover = new Handover(source, _next!, _options.Forward, _time, NullLogger.Instance);
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
    public async Task Messages_and_rollups_together_count_each_message_once()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0, 1, 2);
        await MoveAsync();
        await SendAsync(3);
        _time.Advance(TimeSpan.FromSeconds(65));
        await SendAsync(Lane.Alarm, 4);
        await MoveAsync();
        await SendAsync(5);
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal([0, 1, 2, 3, 4, 5], await ReadingsAsync(_cloud!));
    }

    [Fact]
    public async Task A_message_is_handed_over_once_if_the_hub_is_killed_before_it_forgets_it()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 20)]);
        var broken = new Handover(new Forgetful(_hub!.Forward), _next!, _options.Forward, _time, NullLogger.Instance);
        await broken.BeginAsync(default);
        await Assert.ThrowsAsync<HubStoreException>(() => broken.StepAsync(default));
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(20);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 21), await ReadingsAsync(_cloud!));
    }

    [Fact]
    public Task An_older_copy_of_the_store_loses_no_new_message_and_repeats_none() => RestoreAsync(begins: true);

    [Fact]
    public Task An_older_copy_of_the_store_loses_no_message_that_comes_before_the_buffer_is_open() => RestoreAsync(begins: false);

    private async Task RestoreAsync(bool begins)
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1);
        await CloseHubAsync();
        var copy = _folder.Path + "/copy.db";
        File.Copy(HubPath, copy);
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(2, 3);
        await MoveAsync();
        await CloseHubAsync();
        File.Copy(copy, HubPath, overwrite: true);
        _sent[(int)Lane.Bulk] = 2;
        await OpenAsync(ForwardWhat.Messages, begins);
        await SendAsync(4);
        await MoveAsync();
        await SendAsync(5);
        await MoveAsync();
        Assert.Equal([0, 1, 2, 3, 4, 5], await ReadingsAsync(_cloud!));
    }

    [Fact]
    public async Task What_has_no_room_in_the_buffer_waits_in_the_store()
    {
        _options.Forward.BufferSize = 7;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 50)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover!.StepAsync(default));
        Assert.Equal(7, _next!.Messages);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 50), await ReadingsAsync(_cloud!));
        Assert.Equal(0, (await _cloud!.TotalsAsync()).Lost);
    }

    [Fact]
    public async Task Each_message_that_the_store_takes_brings_the_right_to_send_one_beside_the_backlog()
    {
        _options.Forward.BufferSize = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 50)]);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await _handover!.StepAsync(default);
        Assert.Equal(0, NewOf(Lane.Bulk)); // the backlog's
        await SendAsync([.. Enumerable.Range(50, 600)]); // the buffer is full
        await SendAsync(Lane.Alarm, 650);
        await _handover.StepAsync(default);
        Assert.Equal((600, 1), (NewOf(Lane.Bulk), NewOf(Lane.Alarm)));
        await MoveAsync();
        Assert.Equal((600, 1), (NewOf(Lane.Bulk), NewOf(Lane.Alarm)));
    }

    [Fact]
    public async Task An_alarm_has_room_in_the_buffer_though_bulk_messages_wait_for_room()
    {
        _options.Forward.BufferSize = 100;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 200)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover!.StepAsync(default));
        Assert.Equal(90, _next!.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(200, 5)]);
        Assert.Equal(HandoverOutcome.Blocked, await _handover.StepAsync(default));
        Assert.Equal(5, _next.Buffer.State![Lane.Alarm].Messages);
        await MoveAsync();
        Assert.Equal(Enumerable.Range(0, 205), await ReadingsAsync(_cloud!));
    }

    [Fact]
    public async Task Beyond_the_backlogs_bound_no_alarm_is_dropped_while_there_are_bulk_messages()
    {
        _options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(0, 5)]);
        await SendAsync([.. Enumerable.Range(5, 30)]);
        _time.Advance(TimeSpan.FromSeconds(10));
        await MoveAsync();
        Assert.Equal((25, 10), ((int)_handover!.Dropped, (int)_handover.Waiting));
        Assert.Equal([0, 1, 2, 3, 4, 30, 31, 32, 33, 34], await ReadingsAsync(_cloud!));
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

        await using (var buffer = new SqliteConnection($"Data Source={_options.Forward.Path}/buffer.db;Pooling=False"))
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
        Assert.Equal([3, 4, 5], await ReadingsAsync(_cloud!));
        await SendAsync(Lane.Alarm, 6);
        await MoveAsync();
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(7);
        await MoveAsync();
        Assert.Equal([3, 4, 5, 6, 7], await ReadingsAsync(_cloud!));
    }

    [Fact]
    public async Task Beyond_the_backlogs_bound_the_oldest_are_not_forwarded()
    {
        _options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Both);
        await SendAsync([.. Enumerable.Range(0, 30).Select(minute => minute * 60)]);
        _time.Advance(TimeSpan.FromMinutes(40));
        await MoveAsync();
        Assert.Equal((20 + 20, 20), ((int)_handover!.Dropped, (int)_handover.Waiting));
        Assert.Equal(Enumerable.Range(20, 10).Select(minute => minute * 60), await ReadingsAsync(_cloud!));
        Assert.Equal(40, (await _cloud!.TotalsAsync()).Lost); // it is told
        Assert.Equal(30, (await _hub!.TotalsAsync()).Messages);
    }

    [Fact]
    public async Task A_topic_that_is_too_long_with_its_source_is_counted_and_holds_up_nothing()
    {
        await OpenAsync(ForwardWhat.Both);
        var longest = new string('x', Topic.MaxBytes - "edge/".Length);
        await SendAsync(Lane.Bulk, [0, 1, 2], number => number == 1 ? longest + "y" : longest);
        _time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        await SendAsync(Lane.Bulk, [4], _ => longest + "y"); // which changes the minute
        await MoveAsync();
        Assert.Equal(3, _handover!.TooLong); // two messages and their minute
        Assert.Equal([0, 2], await ReadingsAsync(_cloud!));
        Assert.Equal("edge/" + longest, Assert.Single((await _cloud!.SeriesAsync(null, null, All)).Items).Topic);
    }

    [Fact]
    public async Task What_a_restored_cloud_has_lost_is_counted()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(0, 1, 2);
        await MoveAsync();
        await _next!.Buffer.RunAsync(file => file.MoveMarkBack(Lane.Bulk, 1), default);
        Assert.Equal(("hub_restored", 2), _handover!.Drops.Single(drop => drop.Reason == "hub_restored"));
    }

    [Fact]
    public async Task The_name_of_a_source_is_one_level_of_the_topic()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync("plant", "e1/t");
        await SendAsync("plant/e1", "t");
        await SendAsync("plant%2Fe1", "t");
        await MoveAsync();
        Assert.Equal(
            ["plant%252Fe1/t", "plant%2Fe1/t", "plant/e1/t"],
            (await _cloud!.SeriesAsync(null, null, All)).Items.Select(series => series.Topic).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_comes_back_from_the_next_hub_is_not_forwarded_for_ever()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync("edge", "hub/t"); // a sensor's own topic
        await SendAsync("cloud", "hub/cloud/hub/edge/t");
        _time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        Assert.Equal("edge/hub/t", Assert.Single((await _cloud!.SeriesAsync(null, null, All)).Items).Topic);
        Assert.Equal(2, _handover!.Looped); // the message and its minute
    }

    [Fact]
    public async Task What_waits_is_forgotten_when_the_settings_want_it_no_longer()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0, 1);
        await CloseHubAsync();
        _time.Advance(TimeSpan.FromMinutes(2)); // else the minute would be noted as one that is being filled
        await OpenAsync(null);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Both);
        Assert.Equal(0, _handover!.Waiting);
        await SendAsync(60);
        _time.Advance(TimeSpan.FromMinutes(3));
        await MoveAsync();
        Assert.Equal([60], await ReadingsAsync(_cloud!));
        Assert.Equal(Batches.Start.AddMinutes(1), Assert.Single(await RollupsAsync(_cloud!, Resolution.Minute)).Start);
    }

    [Fact]
    public async Task What_began_before_a_hub_forwards_is_forwarded_when_its_time_is_over()
    {
        await OpenAsync(null);
        await SendAsync(0, 1);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(2);
        _time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal(3, Assert.Single(await RollupsAsync(_cloud!, Resolution.Minute)).Count);
    }

    [Fact]
    public async Task A_cloud_that_is_away_degrades_the_health_of_the_hub()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await CloseHubAsync();
        await using var store = new SqliteHubStore(HubPath, _options, new HubMetrics(TestMeters.Create(), _time), _time);
        await using var forwarder = new HubForwarder(
            Options.Create(_options),
            store,
            Options.Create(new BreakerOptions()),
            new HubMetrics(TestMeters.Create(), _time),
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await forwarder.StartAsync(default);
        var health = await new ForwardCheck(forwarder, Options.Create(_options)).CheckHealthAsync(new HealthCheckContext());
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
            Options.Create(_options.Forward.ToEdge().From(HubForwardOptions.Section)),
            null!,
            _time,
            NullLogger<NetworkProtocol.Edge.Buffer.MessageBuffer>.Instance);
        Assert.Contains("the hub's disk is full", storage.Describe(new SqliteException("full", 13)), StringComparison.Ordinal);
        Assert.Equal("What it forwards waits in its store", storage.Owner.WhileNotDurable);
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
    [InlineData(HubStoreKind.Sqlite, "localhost:1", "hub", "Transport = None", ClientTransport.None)]
    [InlineData(HubStoreKind.Sqlite, "localhost:1", "hub", null)]
    public void Settings_that_cannot_work_are_refused(
        HubStoreKind store, string address, string source, string? problem, ClientTransport transport = ClientTransport.Tls)
    {
        var result = new HubOptionsValidator().Validate(
            null, new HubOptions { Store = store, Forward = { Address = address, Source = source, Transport = transport } });
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
        await _cloud!.HelloAsync("", new Hello("hub", Lane.Bulk, 1, 1, null));
        await _cloud.AppendAsync("", new Batch(
            "hub", Lane.Bulk, 1, 1, [new BatchMessage(1, Batches.Start.ToUnixTimeMilliseconds(), "a", report.Encode())], []));
        Assert.Contains(reason, Assert.Single((await _cloud.DeadLettersAsync(null, All)).Items).Reason, StringComparison.Ordinal);
        Assert.Empty((await _cloud.SeriesAsync(null, null, All)).Items);
    }

    private string HubPath => Path.Combine(_folder.Path, "hub.db");

    private async Task OpenAsync(ForwardWhat? what, bool begins = true)
    {
        _options.Forward.Address = what is null ? "" : "127.0.0.1:1";
        _options.Forward.What = what ?? ForwardWhat.Rollups;
        _options.Forward.Path = Path.Combine(_folder.Path, "forward");
        _hub = new SqliteHubStore(HubPath, _options, new HubMetrics(TestMeters.Create(), _time), _time);
        _cloud ??= new SqliteHubStore(
            Path.Combine(_folder.Path, "cloud.db"),
            new HubOptions { Forward = { Address = "127.0.0.1:1" } },
            new HubMetrics(TestMeters.Create(), _time),
            _time);
        await _cloud.OpenAsync();
        await _hub.OpenAsync();
        if (what is not null)
        {
            _next = new MessageForwarder(
                _options.Forward.ToEdge(), HubForwardOptions.Section, "forward", new BreakerOptions(), _time, NullLoggerFactory.Instance);
            _next.Buffer.Open(); // without the uplink: the test sends
            _handover = new Handover(_hub.Forward, _next, _options.Forward, _time, NullLogger.Instance);
            await (begins ? _handover.BeginAsync(default) : Task.CompletedTask);
        }
    }

    private async Task CloseHubAsync()
    {
        await (_next?.DisposeAsync() ?? ValueTask.CompletedTask);
        _next = null;
        await (_hub?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private long NewOf(Lane lane) => _next!.NewOf(lane);

    private Task SendAsync(params int[] seconds) => SendAsync(Lane.Bulk, seconds);

    private Task SendAsync(Lane lane, params int[] seconds) => SendAsync(lane, seconds, _ => "room/temperature");

    /// <summary>An edge sends numbers, each so many seconds after the start as it says.</summary>
    private async Task SendAsync(Lane lane, int[] seconds, Func<int, string> topic)
    {
        await _hub!.HelloAsync("", new Hello("edge", lane, 1, 1, null));
        var first = _sent[(int)lane] + 1;
        var answer = await _hub.AppendAsync("", new Batch(
            "edge",
            lane,
            1,
            first,
            [.. seconds.Select((second, i) => new BatchMessage(
                first + i,
                Batches.Start.AddSeconds(second).ToUnixTimeMilliseconds(),
                topic(second),
                Encoding.UTF8.GetBytes(second.ToString(CultureInfo.InvariantCulture))))],
            []));
        Assert.Equal(AppendStatus.Stored, answer.Status);
        _sent[(int)lane] = answer.Mark;
    }

    /// <summary>A source sends its first message.</summary>
    private async Task SendAsync(string source, string topic)
    {
        await _hub!.HelloAsync("", new Hello(source, Lane.Bulk, 1, 1, null));
        await _hub.AppendAsync("", new Batch(
            source, Lane.Bulk, 1, 1, [new BatchMessage(1, Batches.Start.ToUnixTimeMilliseconds(), topic, "1"u8.ToArray())], []));
    }

    /// <summary>Moves everything from the hub's store into the cloud's.</summary>
    private async Task MoveAsync()
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

    private async Task DrainAsync()
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            while ((await _next!.Buffer.RunAsync(file => BatchBuilder.Next(file, lane, "hub"), default)).Batch is { } batch)
            {
                await _cloud!.HelloAsync("", new Hello("hub", lane, batch.Epoch, batch.First, null));
                Assert.Equal(batch.Last, (await _cloud.AppendAsync("", batch)).Mark);
                await _next.Buffer.RunAsync(file => file.Acknowledge(lane, batch.Last, null), default);
            }
        }
    }

    private async Task AssertSameAsync(Resolution resolution)
    {
        var now = _time.GetUtcNow();
        var expected = (await RollupsAsync(_hub!, resolution)).Where(one => one.Start.AddSeconds((int)resolution) < now);
        Assert.Equal(expected, await RollupsAsync(_cloud!, resolution));
    }

    private static async Task<List<Rollup>> RollupsAsync(SqliteHubStore store, Resolution resolution) =>
        [.. (await store.RollupsAsync(Assert.Single((await store.SeriesAsync(null, null, All)).Items).Id, resolution, default, All)).Items];

    private static async Task<IEnumerable<int>> ReadingsAsync(SqliteHubStore store) =>
        (await store.ReadingsAsync(Assert.Single((await store.SeriesAsync(null, null, All)).Items).Id, default, All)).Items
            .Select(reading => (int)(double)reading.Value!).Order();

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
