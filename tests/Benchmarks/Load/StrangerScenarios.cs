using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using NetworkProtocol.Packets;

namespace Benchmarks.Load;

/// <summary>The cost of many connections with little traffic: idle ones, and ones that never finish their handshake.</summary>
internal static class StrangerScenarios
{
    private const int Connections = 5_000;
    private const int AtOnce = 5;
    private const int Crowd = 510;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task IdleAsync()
    {
        foreach (var tls in new[] { false, true })
        {
            await using var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
            // The first connections pay for one-time costs, which the measurement must not contain.
            await WithConnectionsAsync(200, () => OpenAsync(server, tls), () => Task.CompletedTask);
            var before = await server.AskAsync();
            Figures open = before;
            await WithConnectionsAsync(Connections, () => OpenAsync(server, tls), async () =>
            {
                await Task.Delay(Settling); // the figures must be those of a server at rest
                open = await server.AskAsync();
            });
            await Task.Delay(Patience); // the scenario measures how much memory the server gives back in this time
            var after = await server.AskAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Connections} idle {(tls ? "TLS" : "secure")} connections: "
                    + $"{(open.ResidentBytes - before.ResidentBytes) / 1024.0 / Connections:0.0} KiB each; resident before "
                    + $"{before.ResidentBytes / 1048576.0:0} MiB, with them {open.ResidentBytes / 1048576.0:0}, {Patience.TotalSeconds} s "
                    + $"after they closed {after.ResidentBytes / 1048576.0:0}"));
        }
    }

    public static async Task HalfOpenAsync()
    {
        await using var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        using var honest = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
        var alone = await LatencyAsync(honest);
        var closed = 0;
        await WithConnectionsAsync(Connections, () => HalfOpenAsync(server), async () =>
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            var worst = alone with { P99 = 0 };
            while (System.Diagnostics.Stopwatch.GetElapsedTime(begun) < Scenarios.HandshakeTimeout - Patience)
            {
                var beside = await LatencyAsync(honest);
                worst = beside.P99 > worst.P99 ? beside : worst;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"an honest client alone: p50 {alone.P50:0} us, p99 {alone.P99:0} us; beside {Connections} half-open ones, worst of "
                    + $"{Patience.TotalSeconds * 2:0} s: p50 {worst.P50:0}, p99 {worst.P99:0} us ({worst.P99 / alone.P99:0.00})"));
        }, async stream => closed += await IsClosedByServerAsync(stream) ? 1 : 0);
        Console.WriteLine($"closed by the server when the handshake time was over: {closed}");
    }

    /// <summary>A stranger repeatedly opens and closes many TLS connections while an honest client sends requests.</summary>
    public static async Task ComeAndGoAsync()
    {
        await using var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        using var honest = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
        await honest.MeasureLatencyAsync(Scenarios.Echo(64), 10_000); // until the runtime has compiled the code
        var before = await server.AskAsync();
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var crowds = 0;
        while (System.Diagnostics.Stopwatch.GetElapsedTime(begun) < Patience)
        {
            await WithConnectionsAsync(Crowd, () => OpenAsync(server, tls: true), () => Task.CompletedTask);
            await Task.Delay(Quiet); // the server could take this pause for the end of the crowd
            crowds++;
        }

        var after = await server.AskAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{crowds} times {Crowd} TLS connections that come and go in {Patience.TotalSeconds} s: the collector's pauses "
                + $"{after.PauseMilliseconds - before.PauseMilliseconds:0} ms; resident {before.ResidentBytes / 1048576.0:0} MiB before, "
                + $"{after.ResidentBytes / 1048576.0:0} after"));
    }

    private static async Task<bool> IsClosedByServerAsync(Stream stream)
    {
        using var deadline = new CancellationTokenSource(Scenarios.HandshakeTimeout);
        try
        {
            return await stream.ReadAsync(new byte[1], deadline.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<(double P50, double P99)> LatencyAsync(LoadConnection connection)
    {
        var took = await connection.MeasureLatencyAsync(Scenarios.Echo(64), 50_000);
        return (took[took.Length / 2], took[took.Length * 99 / 100]);
    }

    private static async Task<Stream> OpenAsync(ServerUnderLoad server, bool tls)
    {
        if (!tls)
        {
            var connection = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
            // One message, as each real client sends.
            await connection.RunAsync(Scenarios.Ping, depth: 1, new CancellationToken(canceled: true));
            return connection.TakeStream();
        }

        var stream = new SslStream(await ConnectAsync(server));
#pragma warning disable CA5359 // The server is our own child process with a certificate for this run, and trust is not measured.
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
#pragma warning restore CA5359
        var pong = new byte[PacketHeader.Size + Scenarios.Ping.Length];
        PacketHeader.Write(pong, Scenarios.Ping.Length);
        await stream.WriteAsync(pong); // a Ping is four zeros
        await stream.ReadExactlyAsync(pong);
        return stream;
    }

    private static async Task<Stream> HalfOpenAsync(ServerUnderLoad server)
    {
        var stream = await ConnectAsync(server);
        await stream.WriteAsync("NPR"u8.ToArray());
        return stream;
    }

    private static async Task<NetworkStream> ConnectAsync(ServerUnderLoad server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Tcp);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task WithConnectionsAsync(
        int count, Func<Task<Stream>> open, Func<Task> meanwhile, Func<Stream, Task>? atEnd = null)
    {
        var streams = new List<Stream>();
        while (streams.Count < count)
        {
            streams.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => open())));
        }

        await meanwhile();
        foreach (var stream in streams)
        {
            await (atEnd?.Invoke(stream) ?? Task.CompletedTask);
            await stream.DisposeAsync();
        }
    }
}
