using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Packets;

namespace Benchmarks.Load;

/// <summary>
/// An attack from one address on a server with the limits of an internet server. Meanwhile honest clients connect, send one request and
/// disconnect.
/// </summary>
internal static class AttackScenarios
{
    private const int Silent = 900;
    private const int Slow = 16;
    private const int Unread = 300;
    private const int UnreadEchoes = 100;

    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Attacked = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(3);
    private static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.66");

    public static async Task RunAsync()
    {
        await AttackAsync($"{Silent} connections that say nothing", ServedProcess.Limited, Silent, Scenarios.Echo(64), WaitAsync);
        await AttackAsync(
            $"{Slow} packets of 16 MiB, sent to the half and then a byte a second",
            ServedProcess.Protocol, Slow, Scenarios.Echo(1024 * 1024), HalfSendAsync);
        await AttackAsync(
            $"{Unread} clients that send Echoes of 60,000 bytes and read none",
            ServedProcess.Protocol, Unread, Scenarios.Echo(64), SendUnreadAsync);
    }

    private static async Task AttackAsync(
        string what, string kind, int strangers, byte[] request, Func<ServerUnderLoad, CancellationToken, Task> attack)
    {
        await using var server = await ServerUnderLoad.StartAsync(kind);
        await HonestAsync(server, request, Alone); // until the runtime has compiled the code
        var alone = await HonestAsync(server, request, Alone);
        var before = await server.AskAsync();
        using var end = new CancellationTokenSource();
        var attacks = Enumerable.Range(0, strangers).Select(_ => Task.Run(() => AgainAndAgainAsync(server, attack, end.Token))).ToArray();
        await Task.Delay(Beginning); // the measurement starts when the attack is fully under way
        var beside = await HonestAsync(server, request, Attacked);
        var attacked = await server.AskAsync();
        await end.CancelAsync();
        await Task.WhenAll(attacks);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: of {beside.Count} honest clients {beside.Failed} failed, p50 {beside.P50:0.0} ms, p99 {beside.P99:0.0} ms (alone "
                + $"{alone.P50:0.0}, {alone.P99:0.0}); resident {before.ResidentBytes / 1048576.0:0} MiB before, "
                + $"{attacked.ResidentBytes / 1048576.0:0} beside; descriptors {before.Descriptors} and {attacked.Descriptors}"));
    }

    private static async Task<(int Count, int Failed, double P50, double P99)> HonestAsync(
        ServerUnderLoad server, byte[] request, TimeSpan duration)
    {
        var failed = 0;
        var took = new List<double>();
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < duration;)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var honest = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
                await honest.ExchangeAsync(request);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                failed++;
            }

            took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        took.Sort();
        return (took.Count, failed, took[took.Count / 2], took[took.Count * 99 / 100]);
    }

    // An attacker reconnects when the server closes its connection.
    private static async Task AgainAndAgainAsync(
        ServerUnderLoad server, Func<ServerUnderLoad, CancellationToken, Task> attack, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await attack(server, end);
                await Task.Delay(100, end); // a refused attempt also costs processor time of the load process
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The server closed the connection, or the attack is over.
            }
        }
    }

    private static async Task WaitAsync(ServerUnderLoad server, CancellationToken end)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Stranger, 0));
        await socket.ConnectAsync(server.Tcp, end);
        await socket.ReceiveAsync(new byte[1], end);
    }

    private static async Task HalfSendAsync(ServerUnderLoad server, CancellationToken end)
    {
        using var connection = await LoadConnection.ConnectAsync(server.Tcp, secure: true, Stranger);
        await using var stream = connection.TakeStream();
        var packet = new byte[PacketHeader.Size + (PacketHeader.MaxPayloadLength / 2)];
        PacketHeader.Write(packet, PacketHeader.MaxPayloadLength);
        await stream.WriteAsync(packet, end);
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), end);
            await stream.WriteAsync(new byte[1], end);
        }
    }

    private static async Task SendUnreadAsync(ServerUnderLoad server, CancellationToken end)
    {
        using var connection = await LoadConnection.ConnectAsync(server.Tcp, secure: true, Stranger);
        for (var i = 0; i < UnreadEchoes; i++)
        {
            await connection.SendAsync(Scenarios.Echo(60_000), end);
        }

        await Task.Delay(Timeout.Infinite, end);
    }
}
