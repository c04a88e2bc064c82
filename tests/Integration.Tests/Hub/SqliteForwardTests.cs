using Microsoft.Extensions.Diagnostics.HealthChecks;
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

    private protected override ForwardTally Tally => _tally!;

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
    public async Task An_older_copy_of_the_store_loses_no_new_message_and_repeats_none()
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
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(4);
        await MoveAsync();
        Assert.Equal([0, 1, 2, 3, 4], await ReadingsAsync(Cloud));
    }

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
            null, new HubOptions { Store = store, ConnectionString = "Host=db", Forward = { Address = address, Source = source } });
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

    private string HubPath => Path.Combine(Folder.Path, "hub.db");

    private protected override IHubStore CreateHub() =>
        new SqliteHubStore(HubPath, Options, new HubMetrics(TestMeters.Create(), Time), Time);

    private protected override async Task BeginAsync()
    {
        Options.Forward.Path = Path.Combine(Folder.Path, "forward");
        _next = new MessageForwarder(
            Options.Forward.ToEdge(), HubForwardOptions.Section, "forward", new BreakerOptions(), Time, NullLoggerFactory.Instance);
        _next.Buffer.Open(); // without the uplink: the test sends
        _tally = new ForwardTally(Options.Forward, Time, NullLogger.Instance);
        _handover = new Handover(Store.Forward, _next, Options.Forward, _tally, Time);
        await _handover.BeginAsync(default);
    }

    private protected override async Task CloseHubAsync()
    {
        await (_next?.DisposeAsync() ?? ValueTask.CompletedTask);
        _next = null;
        await base.CloseHubAsync();
    }

    private protected override async Task MoveAsync()
    {
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
                await DeliverAsync(batch);
                await _next.Buffer.RunAsync(file => file.Acknowledge(lane, batch.Last, null), default);
            }
        }
    }

    /// <summary>A store that fails when it is to forget messages.</summary>
    private sealed class Forgetful(IForwardSource source) : IForwardSource
    {
        public Task Changed => source.Changed;

        public Task NoteOpenRollupsAsync(CancellationToken cancellationToken) => source.NoteOpenRollupsAsync(cancellationToken);

        public Task BeginAfterAsync(long position, CancellationToken cancellationToken) =>
            source.BeginAfterAsync(position, cancellationToken);

        public Task<ForwardDue> ReadDueAsync(int max, CancellationToken cancellationToken) => source.ReadDueAsync(max, cancellationToken);

        public Task<IReadOnlyList<ForwardMessage>> ReadMessagesAsync(long after, long upTo, CancellationToken cancellationToken) =>
            source.ReadMessagesAsync(after, upTo, cancellationToken);

        public Task DeleteMessagesAsync(long upTo, CancellationToken cancellationToken) => throw new HubStoreException("killed");

        public Task DeleteRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken) =>
            source.DeleteRollupsAsync(rollups, cancellationToken);

        public Task<(long Waiting, long Dropped)> BoundAsync(long max, CancellationToken cancellationToken) =>
            source.BoundAsync(max, cancellationToken);
    }
}
