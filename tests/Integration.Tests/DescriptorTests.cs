using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Limits;
using Xunit.Abstractions;

namespace Integration.Tests;

/// <summary>
/// The real program with few descriptors. It reports how many connections it can serve, and survives when strangers open more.
/// </summary>
[Trait("Needs", "Program")]
public sealed class DescriptorTests(ITestOutputHelper output)
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";

    private static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.2");

    [Theory]
    [InlineData(256)]
    [InlineData(575)]
    public async Task Too_few_to_start_are_one_clear_line(int limit)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(Limit(limit), Plain);
        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            $"The process may open {limit} files and sockets, and the program needs 576 at least",
            Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(576, 48)]
    [InlineData(1024, 384)]
    [InlineData(4096, 1000)]
    public async Task Strangers_who_take_all_connections_of_both_ports_end_nothing_and_silence_nothing(int limit, int connections)
    {
        const int Each = 1_200;
        await using var server = await ServerProcess.StartAsync(Limit(limit), Plain, "--NetworkProtocol:Server:HandshakeTimeout=00:01:00");
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Contains($"\nconnections_limit {connections}\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(
            connections < 1000,
            server.Output.Contains($"Server:MaxConnections is {connections} instead of 1000", StringComparison.Ordinal));
        var sockets = new List<Socket>();
        var web = new IPEndPoint(IPAddress.Loopback, server.Http.Port);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < Each; i++)
        {
            sockets.AddRange([await OpenAsync(server.Protocol), await OpenAsync(web)]);
            if (i % 100 == 99)
            {
                var started = Stopwatch.GetTimestamp();
                await Operations.Eventually.Async(() => IsHealthyAsync(server)); // a probe tries again after a reset
                slowest = new[] { slowest, Stopwatch.GetElapsedTime(started) }.Max();
            }
        }

        output.WriteLine(
            $"limit {limit}, {Each} silent connections to each port: {Directory.GetFiles($"/proc/{server.Id}/fd").Length} descriptors "
                + $"open, slowest probe {slowest.TotalMilliseconds:0} ms");
        sockets.ForEach(socket => socket.Dispose());
        await Operations.Eventually.Async(
            async () => (await http.GetStringAsync("/metrics")).Contains("\nconnections_active 0\n", StringComparison.Ordinal));
        await using var honest = await WireClient.ConnectSecureAsync(server.Protocol);
        await honest.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await honest.ReadAsync());
    }

    /// <summary>Without the limit of one line per minute, each refusal would log a line.</summary>
    [Fact]
    public async Task A_limit_that_is_lowered_while_it_runs_is_obeyed_and_told_once_and_ends_nothing()
    {
        const int Free = 100, Each = 300;
        await using var server = await ServerProcess.StartAsync(Limit(4096), Plain, "--NetworkProtocol:Server:HandshakeTimeout=00:01:00");
        await Operations.Eventually.Async(() => IsHealthyAsync(server));
        var limit = Directory.GetFiles($"/proc/{server.Id}/fd").Length + Free;
        (await Operations.Tool.RunAsync("prlimit", "--pid", $"{server.Id}", $"--nofile={limit}:{limit}")).Good();
        using (var earlier = new HttpClient { BaseAddress = server.Http })
        {
            await Operations.Eventually.Async(async () => // the server notices the new limit within a second
            {
                using var client = await OpenAsync(server.Protocol);
                return (await earlier.GetStringAsync("/metrics")).Split('\n')
                    .Any(line => line.StartsWith("connections_out_of_descriptors_total ", StringComparison.Ordinal) && line[^2..] != " 0");
            });
        }

        var sockets = new List<Socket>();
        var web = new IPEndPoint(IPAddress.Loopback, server.Http.Port);
        for (var i = 0; i < Each; i++)
        {
            sockets.AddRange([await OpenAsync(server.Protocol), await OpenAsync(web)]);
        }

        Assert.InRange(Directory.GetFiles($"/proc/{server.Id}/fd").Length, 0, limit);
        sockets.ForEach(socket => socket.Dispose());
        await Operations.Eventually.Async(() => IsHealthyAsync(server));
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Single(
            server.Output.Split('\n'),
            line => line.Contains("descriptors", StringComparison.Ordinal) || line.Contains("files and sockets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_would_take_the_last_descriptors_is_closed_and_counted()
    {
        var spare = DescriptorLimit.Read()!.Value - 10; // the test process has more than ten descriptors open
        await using var server = await TestServer.StartAsync(new() { ["SpareDescriptors"] = spare.ToString(CultureInfo.InvariantCulture) });
        using var client = await OpenAsync(server.EndPoint);
        await Operations.Eventually.Async(() =>
            Task.FromResult(MeterReading.Of(server)["networkprotocol.server.connections.out_of_descriptors"] == 1));
        Assert.Empty(server.Registry.Closed);
    }

    private static async Task<bool> IsHealthyAsync(ServerProcess server)
    {
        try
        {
            using var newcomer = new HttpClient { BaseAddress = server.Http };
            return await newcomer.GetStringAsync("/health") == "OK";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<Socket> OpenAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Stranger, 0));
        try
        {
            await socket.ConnectAsync(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server closed the connection before the client noticed that it was accepted.
        }

        return socket;
    }

    private static Action<ProcessStartInfo> Limit(int descriptors) => start =>
    {
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "sh";
        start.ArgumentList.Clear();
        foreach (var argument in new[] { "-c", $"ulimit -n {descriptors}; exec \"$0\" \"$@\"" }.Concat(command))
        {
            start.ArgumentList.Add(argument);
        }
    };
}
