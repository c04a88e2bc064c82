using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Integration.Tests.Console;
using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using Xunit.Abstractions;

namespace Integration.Tests.Edge;

/// <summary>
/// A buffer that overflows while the hub is away, and the hub's return, with real connections. <c>EDGE_BACKLOG</c> sets a larger buffer
/// than the suite's, and so a longer outage.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Needs", "Time")]
public sealed class CatchUpTests : IAsyncDisposable, IAsyncLifetime
{
    private const int Rate = 2000;
    private const int Expiring = 200;

    private static readonly int Backlog = EdgeHubTests.Number("EDGE_BACKLOG", 12_000);
    /// <summary>A batch that takes longer has met a disk or processors that others use, and says nothing about the limit.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly ITestOutputHelper _output;
    private readonly TemporaryFolder _folder = new();
    private readonly RestartingHub _hub = new();
    private readonly EdgeMetrics _metrics = new(TestMeters.Create(), TimeProvider.System);
    private readonly MessageForwarder _edge;
    private readonly ConcurrentQueue<(Lane Lane, long Sequence, long At)> _live = new();

    public CatchUpTests(ITestOutputHelper output)
    {
        _output = output;
        var options = new EdgeOptions
        {
            HubAddress = _hub.Address,
            Source = "edge1",
            Path = _folder.Path,
            Transport = ClientTransport.SecureHandshake,
            OfflineBufferSize = Backlog,
            CatchUpRate = Rate,
        };
        var uplink = new EdgeUplink(options, "uplink", new BreakerOptions(), TimeProvider.System, NullLogger<ProtocolClient>.Instance);
        _edge = new MessageForwarder(options, uplink, _metrics, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task After_an_outage_both_ends_count_the_same_losses_and_the_backlog_neither_hurries_nor_delays_an_alarm()
    {
        await _hub.StartAsync();
        _edge.Start();
        await FillAsync();

        var end = _edge.Buffer.State![Lane.Bulk].Next - 1;
        using var stop = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PublishLiveAsync(Lane.Bulk, stop.Token)));
        await _hub.StartAsync();
        await ConnectNowAsync();
        await Eventually.Async(() => Task.FromResult(_hub.Arrivals.Of(Lane.Bulk, began).Length > 0));
        var alarms = PublishLiveAsync(Lane.Alarm, stop.Token);
        await WaitForAsync(end, TimeSpan.FromMinutes(1) + (TimeSpan.FromSeconds(2.0 * Backlog / Rate)));
        await stop.CancelAsync();
        await Task.WhenAll(publishing, alarms);

        AssertRate(began, end);
        AssertAlarms(began, end);
        await AssertLossesAsync();
    }

    /// <summary>The hub's answer to 100 messages is lost, the hub goes, the buffer overflows, and some messages expire.</summary>
    private async Task FillAsync()
    {
        await PublishAsync(100);
        await Eventually.Async(() => Task.FromResult(_edge.Buffer.State!.Messages == 0));
        _hub.Arrivals.LosesAnswers = true;
        await PublishAsync(100);
        await Eventually.Async(() => Task.FromResult(_hub.Arrivals.LastOf(Lane.Bulk) == 200));
        await _hub.StopAsync();
        _hub.Arrivals.LosesAnswers = false;
        await PublishAsync(Backlog + 3000);
        await PublishAsync(Expiring, TimeProvider.System.GetUtcNow().AddMilliseconds(100));
        await Eventually.Async(async () =>
        {
            await _edge.Buffer.RunAsync(file => file.Messages, CancellationToken.None); // each transaction drops what has expired
            return _metrics.DroppedFor(Drop.Expired) == Expiring;
        });
        await PublishAsync(Expiring); // the buffer is full again
        Assert.Equal(Backlog, _edge.Buffer.State!.Messages);
    }

    private void AssertRate(long began, long end)
    {
        var arrivals = _hub.Arrivals.Of(Lane.Bulk, began);
        var (from, to, count) = (arrivals[0].At, arrivals.First(arrival => arrival.Last >= end).At, 0);
        var (messages, seconds) = (0L, 0.0);
        while (arrivals[count++].At < to)
        {
            var (before, after) = (arrivals[count - 1].At, arrivals[count]);
            var gap = Stopwatch.GetElapsedTime(before, after.At);
            if (gap < Stall)
            {
                messages += after.Messages - _live.Count(one => one.Lane == Lane.Bulk && one.At > before && one.At <= after.At);
                seconds += gap.TotalSeconds;
            }
        }

        var (rate, whole) = (messages / seconds, Stopwatch.GetElapsedTime(from, to));
        var history = string.Join(' ', arrivals[..count].Select(arrival => string.Create(
            CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(from, arrival.At).TotalSeconds:0.00}:{arrival.Messages}")));
        _output.WriteLine($"catch-up at {rate:0} messages a second, {count} batches in {whole}, of which {seconds:0.0} s count");
        Assert.True(rate is > 0.9 * Rate and < 1.1 * Rate, $"{rate:0} messages a second: {history}");
        Assert.True(seconds > whole.TotalSeconds / 2, history);
    }

    private void AssertAlarms(long began, long end)
    {
        var arrivals = _hub.Arrivals.Of(Lane.Alarm, began);
        var last = _hub.Arrivals.Of(Lane.Bulk, began).First(arrival => arrival.Last >= end).At;
        double[] took =
        [
            .. _live.Where(one => one.Lane == Lane.Alarm && one.At < last)
                .Select(one => arrivals.First(arrival => arrival.Last >= one.Sequence).At - one.At)
                .Select(ticks => ticks * 1000.0 / Stopwatch.Frequency).Order(),
        ];
        var (half, most) = (took[took.Length / 2], took[(int)(took.Length * 0.99)]);
        _output.WriteLine($"{took.Length} alarms from publish to stored: p50 {half:0.0} ms, p99 {most:0.0} ms, longest {took[^1]:0.0} ms");
        Assert.True(most < 1000, $"the slowest of {took.Length} alarms in ms: {string.Join(' ', took.TakeLast(20).Select(ms => (int)ms))}");
    }

    private async Task AssertLossesAsync()
    {
        await Eventually.Async(() => Task.FromResult(_edge.Buffer.State!.Messages == 0));
        var losses = new List<LossInfo>();
        for (var query = new HubQuery(HubQuery.MaxSize); query is not null;)
        {
            var slice = await _hub.Store.LossesAsync(null, query);
            losses.AddRange(slice.Items);
            query = slice.Next is { } next ? query with { After = next } : null;
        }

        var totals = await _hub.Store.TotalsAsync();
        var state = _edge.Buffer.State!;
        _output.WriteLine($"{totals.Messages} messages stored, {totals.Lost} lost, {totals.Duplicates} twice on their way");
        Assert.Equal((_metrics.DroppedFor(Drop.Full), (long)Expiring), (CountOf(LossReason.Full), CountOf(LossReason.Expired)));
        Assert.Equal(Enum.GetValues<Drop>().Sum(_metrics.DroppedFor), totals.Lost);
        using var meter = new MeterReading(_hub.Server.Services, HubMetrics.MeterName);
        Assert.Equal(totals.Lost, meter.Read()["networkprotocol.hub.lost"]); // the hub has started anew since
        Assert.Equal(state.Lanes.Sum(lane => lane.Next - 1), totals.Messages + totals.Lost);

        long CountOf(LossReason reason) => losses.Where(loss => loss.Reason == reason).Sum(loss => loss.Count);
    }

    private async Task PublishAsync(int count, DateTimeOffset? expires = null)
    {
        foreach (var part in Enumerable.Range(0, count).Chunk(1000))
        {
            await Task.WhenAll(part.Select(_ => PublishAsync(Lane.Bulk, expires)));
        }
    }

    private Task<long> PublishAsync(Lane lane, DateTimeOffset? expires = null) => _edge.Buffer.AppendAsync(
        new BufferedMessage(
            lane,
            TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            expires?.ToUnixTimeMilliseconds(),
            lane == Lane.Alarm ? "room1/smoke" : "room1/temperature",
            Encoding.UTF8.GetBytes("21.5")),
        CancellationToken.None);

    private async Task PublishLiveAsync(Lane lane, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period);
        while (!stop.IsCancellationRequested)
        {
            var at = Stopwatch.GetTimestamp();
            _live.Enqueue((lane, await PublishAsync(lane), at));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Has the client try now, as an operator does with the breaker, so that the test does not wait with it.</summary>
    private async Task ConnectNowAsync()
    {
        await _edge.Client.Breakers[0].IsolateAsync();
        await _edge.Client.Breakers[0].ResetAsync();
    }

    private async Task WaitForAsync(long sequence, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (true)
        {
            var changed = _edge.Buffer.Changed; // read before the mark, so that no change falls between the two
            if (_edge.Buffer.State![Lane.Bulk].Mark >= sequence)
            {
                return;
            }

            await changed.WaitAsync(deadline.Token);
        }
    }
}
