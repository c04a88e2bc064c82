using Xunit.Abstractions;

namespace Integration.Tests.Operations;

/// <summary>One node that restarts under load while its socket stays open. The tests run alone, because they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class SocketActivationTests(ITestOutputHelper output)
{
    private const int Restarts = 3;

    [Fact]
    public async Task Restarts_under_load_refuse_nobody()
    {
        using var socket = new InheritedSocket();
        var server = await StartAsync(socket);
        await using var bench = await Bench.StartAsync(TimeSpan.FromSeconds(12), 60, $"{socket.EndPoint}", "--plain");
        for (var i = 0; i < Restarts; i++)
        {
            await server.SignalAsync("TERM");
            Assert.Equal(0, await server.WaitForExitAsync());
            await server.DisposeAsync();
            server = await StartAsync(socket);
        }

        var result = await bench.ResultAsync();
        await server.DisposeAsync();
        output.WriteLine($"{result}");
        Assert.True(result.Failed == 0, $"{result}\n{bench.Printed}");
    }

    [Fact]
    public async Task The_start_line_names_the_socket_and_addresses_are_the_clients()
    {
        using var socket = new InheritedSocket();
        await using var server = await StartAsync(socket, "--Serilog:MinimumLevel:Override:NetworkProtocol=Debug");
        Assert.Contains($"Protocol  [::]:{socket.EndPoint.Port} ", server.Output, StringComparison.Ordinal);
        await using (await ServedClient.ConnectAsync(socket.EndPoint))
        {
        }

        await server.WaitForLineAsync("from 127.0.0.1:");
    }

    private static Task<ServerProcess> StartAsync(InheritedSocket socket, params string[] arguments) =>
        ServerProcess.StartAsync(socket.GiveTo, ["--NetworkProtocol:Server:Tls:Mode=Disabled", .. arguments]);
}
