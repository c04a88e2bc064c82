using System.Diagnostics;
using System.Net;
using Benchmarks.Clients;
using Benchmarks.Consoles;
using NetworkProtocol.Messages;

namespace Benchmarks.Load;

/// <summary>The comparisons. One run measures the servers in turns, so that a noisy machine affects all of them alike.</summary>
internal static class Scenarios
{
    public const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>The time for which half-open connections stay open.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromMinutes(1);

    public const int Rounds = 3;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    /// <summary>The time until the runtime has compiled the code for large messages, of which there are few.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, Func<Task>> All = new()
    {
        ["ping"] = PingAsync,
        ["echo"] = EchoAsync,
        ["command"] = CommandScenario.RunAsync,
        ["push"] = PushScenario.RunAsync,
        ["latency"] = LatencyAsync,
        ["large"] = LargeAsync,
        ["handshake"] = HandshakeAsync,
        ["clients"] = ClientScenario.RunAsync,
        ["console"] = ConsoleScenario.RunAsync,
        ["hub-pages"] = HubPagesScenario.RunAsync,
        ["herd"] = HerdScenario.RunAsync,
        ["hub"] = HubScenario.RunAsync,
        ["edge"] = EdgeScenario.RunAsync,
        ["buffer"] = BufferScenario.RunAsync,
        ["idle"] = StrangerScenarios.IdleAsync,
        ["half-open"] = StrangerScenarios.HalfOpenAsync,
        ["come-and-go"] = StrangerScenarios.ComeAndGoAsync,
        ["attacks"] = AttackScenarios.RunAsync,
    };

    public static string InlineCompletionsValue => Environment.GetEnvironmentVariable(InlineCompletions) ?? "1";

    public static async Task RunAsync(string[] names)
    {
        foreach (var name in names.Length > 0 ? names : [.. All.Keys])
        {
            await All[name]();
        }
    }

    private static async Task PingAsync()
    {
        await using var servers = await Servers.StartAsync(ServedProcess.Bare, ServedProcess.BareDefaults, ServedProcess.Protocol);
        foreach (var depth in new[] { 1, 16 })
        {
            Console.WriteLine($"Ping over the Unix socket, 50 connections, depth {depth}");
            await servers.CompareAsync(Rounds, server => ThroughputAsync(server, server.Local, secure: false, Ping, 50, depth));
        }
    }

    private static async Task EchoAsync()
    {
        await using var servers = await Servers.StartAsync(ServedProcess.Bare, ServedProcess.BareDefaults, ServedProcess.Protocol);
        foreach (var depth in new[] { 1, 32 })
        {
            Console.WriteLine($"Echo of 64 bytes, secure handshake, 64 connections, depth {depth}");
            await servers.CompareAsync(
                Rounds, server => ThroughputAsync(server, server.Tcp, server.Kind == ServedProcess.Protocol, Echo(64), 64, depth));
        }
    }

    private static async Task LatencyAsync()
    {
        await using var servers = await Servers.StartAsync(ServedProcess.Bare, ServedProcess.BareDefaults, ServedProcess.Protocol);
        Console.WriteLine("Echo of 64 bytes, secure handshake, one connection, depth 1");
        await servers.CompareAsync(Rounds, async server =>
        {
            using var connection = await LoadConnection.ConnectAsync(server.Tcp, server.Kind == ServedProcess.Protocol);
            await connection.MeasureLatencyAsync(Echo(64), 10_000);
            var took = await connection.MeasureLatencyAsync(Echo(64), 30_000);
            return new() { ["p50 us"] = took[took.Length / 2], ["p99 us"] = took[took.Length * 99 / 100] };
        });
    }

    private static async Task LargeAsync()
    {
        await using var servers = await Servers.StartAsync(ServedProcess.Bare, ServedProcess.Protocol);
        Console.WriteLine(
            $"Echo of 1 MiB, secure handshake, one connection; opening and sealing alone take {Cipher.MeasureMicroseconds(1 << 20):0} us");
        await servers.CompareAsync(
            Rounds, server => ThroughputAsync(server, server.Tcp, server.Kind == ServedProcess.Protocol, Echo(1 << 20), 1, 1));
    }

    private static async Task HandshakeAsync()
    {
        await using var servers = await Servers.StartAsync(ServedProcess.Bare, ServedProcess.Protocol);
        foreach (var clients in new[] { 1, 32 })
        {
            Console.WriteLine($"Connect, secure handshake (bare: none), close; {clients} at a time");
            await servers.CompareAsync(Rounds, server => HandshakesAsync(server, clients));
        }
    }

    private static async Task<Dictionary<string, double>> HandshakesAsync(ServerUnderLoad server, int clients)
    {
        using var end = new CancellationTokenSource(Duration);
        var before = await server.AskAsync();
        var count = 0;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                using var connection = await LoadConnection.ConnectAsync(server.Tcp, server.Kind == ServedProcess.Protocol);
                await connection.RunAsync(Ping, 1, CancelledToken);
                Interlocked.Increment(ref count);
            }
        })));
        var after = await server.AskAsync();
        return new()
        {
            ["us CPU each"] = (after.CpuMicroseconds - before.CpuMicroseconds) / count, ["each s"] = count / Duration.TotalSeconds,
        };
    }

    public static async Task<Dictionary<string, double>> ThroughputAsync(
        ServerUnderLoad server, EndPoint endPoint, bool secure, byte[] request, int connections, int depth)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => LoadConnection.ConnectAsync(endPoint, secure)));
        try
        {
            using var warm = new CancellationTokenSource(WarmUp);
            await Task.WhenAll(clients.Select(client => client.RunAsync(request, depth, warm.Token)));
            var already = clients.Sum(client => client.Answered);
            var before = await server.AskAsync();
            var started = Stopwatch.GetTimestamp();
            using var end = new CancellationTokenSource(Duration);
            await Task.WhenAll(clients.Select(client => client.RunAsync(request, depth, end.Token)));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var after = await server.AskAsync();
            var count = clients.Sum(client => client.Answered) - already;
            return new()
            {
                ["messages/s"] = count / seconds,
                ["us CPU"] = (after.CpuMicroseconds - before.CpuMicroseconds) / count,
                ["of it kernel"] = (after.KernelMicroseconds - before.KernelMicroseconds) / count,
                ["bytes allocated"] = (after.AllocatedBytes - before.AllocatedBytes) / (double)count,
            };
        }
        finally
        {
            Array.ForEach(clients, client => client.Dispose());
        }
    }

    private static readonly CancellationToken CancelledToken = new(canceled: true);

    public static byte[] Ping => Encode(new Message.Ping());

    public static byte[] Echo(int length) => Encode(new Message.Echo(new string('x', length)));

    public static byte[] Encode(Message message)
    {
        var encoded = new byte[MessageEncoder.GetLength(message)];
        MessageEncoder.Encode(message, encoded);
        return encoded;
    }
}
