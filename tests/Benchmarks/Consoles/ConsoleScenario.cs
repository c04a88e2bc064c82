using System.Diagnostics;
using System.Globalization;
using Benchmarks.Clients;
using Benchmarks.Load;
using NetworkProtocol.Messages;

namespace Benchmarks.Consoles;

/// <summary>
/// The cost of open consoles: the real program with 10,000 connections, alternately without a browser and with five browsers.
/// </summary>
internal static class ConsoleScenario
{
    private const int Connections = 10_000;
    private const int Consoles = 5;
    private const int MessagesPerSecond = 20_000;
    private const int Busy = 100;
    private const int BusyDepth = 8;
    private const int ConnectAtOnce = 8;
    private const int Turns = 2;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PacedTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BusyTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly byte[] Request = Encode(new Message.Echo(new string('x', 64)));

    public static async Task RunAsync()
    {
        await using var program = await ProgramUnderLoad.StartAsync();
        var load = new List<LoadConnection>();
        while (load.Count < Connections)
        {
            load.AddRange(await Task.WhenAll(Enumerable.Range(0, ConnectAtOnce)
                .Select(_ => LoadConnection.ConnectAsync(program.Protocol, secure: true))));
        }

        await MeasureAsync("warm-up", program, load);
        await using var browsers = await Browsers.StartAsync(program);
        List<Turn> without = [], with = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            without.Add(await MeasureAsync("no console", program, load));
            var paint = await browsers.OpenAsync(Consoles);
            Console.WriteLine($"first paint of each console under load: {string.Join(", ", paint.Select(time => $"{time:0} ms"))}");
            await Task.Delay(Settling);
            with.Add(await MeasureAsync($"{Consoles} consoles", program, load));
            await browsers.CloseAsync();
            await Task.Delay(Settling);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"with {Consoles} consoles beside none: {Ratio(turn => turn.Paced):0.00} of the messages at {MessagesPerSecond} a second asked "
                + $"for, {Ratio(turn => turn.Busy):0.00} as fast as it goes"));
        load.ForEach(connection => connection.Dispose());

        double Ratio(Func<Turn, double> of) => with.Sum(of) / without.Sum(of);
    }

    private static async Task<Turn> MeasureAsync(string name, ProgramUnderLoad program, List<LoadConnection> load)
    {
        var (cpu, histogram) = (program.Cpu, new LatencyHistogram());
        var paced = await PacedAsync(load, histogram);
        var share = (program.Cpu - cpu) / PacedTime;
        var busy = await BusyAsync(load);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,12}: {paced,7:0} messages/s, p50 {histogram.GetMicroseconds(0.5):0} us, p99 {histogram.GetMicroseconds(0.99):0} us, "
                + $"server {share:0.00} of a core, resident {program.ResidentBytes / 1048576.0:0} MiB; as "
                + $"fast as it goes {busy,7:0} messages/s"));
        return new Turn(paced, busy);
    }

    /// <summary>Messages per second when each connection sends two requests per second.</summary>
    private static async Task<double> PacedAsync(List<LoadConnection> load, LatencyHistogram histogram)
    {
        var (started, sent, next) = (Stopwatch.GetTimestamp(), 0L, 0);
        var pending = new Task[load.Count];
        Array.Fill(pending, Task.CompletedTask);
        using var timer = new PeriodicTimer(Tick);
        while (Stopwatch.GetElapsedTime(started) < PacedTime && await timer.WaitForNextTickAsync())
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * MessagesPerSecond); sent < due; sent++)
            {
                var index = next++ % load.Count;
                await pending[index]; // a connection without an answer delays the others, and the figure shows that
                pending[index] = AskAsync(load[index], histogram);
            }
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.WhenAll(pending);
        return histogram.Count / seconds;
    }

    private static byte[] Encode(Message message)
    {
        var bytes = new byte[MessageEncoder.GetLength(message)];
        MessageEncoder.Encode(message, bytes);
        return bytes;
    }

    private static async Task AskAsync(LoadConnection connection, LatencyHistogram histogram)
    {
        var started = Stopwatch.GetTimestamp();
        await connection.ExchangeAsync(Request);
        histogram.Record(Stopwatch.GetTimestamp() - started);
    }

    /// <summary>Messages per second when some connections send requests as fast as they can.</summary>
    private static async Task<double> BusyAsync(List<LoadConnection> load)
    {
        using var end = new CancellationTokenSource(BusyTime);
        var before = load.Sum(connection => connection.Answered);
        await Task.WhenAll(load.Take(Busy).Select(connection => connection.RunAsync(Request, BusyDepth, end.Token)));
        return (load.Sum(connection => connection.Answered) - before) / BusyTime.TotalSeconds;
    }

    private sealed record Turn(double Paced, double Busy);
}
