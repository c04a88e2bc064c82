using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Server;

namespace Benchmarks.Load;

/// <summary>The figures that a served process reports about itself.</summary>
internal sealed record Figures(
    double CpuMicroseconds, double KernelMicroseconds, long AllocatedBytes, long ResidentBytes, double PauseMilliseconds, int Descriptors);

/// <summary>
/// The child process. It runs one server over TCP and a Unix socket, and prints its figures for each line on standard input.
/// </summary>
internal static class ServedProcess
{
    public const string Argument = "serve";

    /// <summary>Our server with its defaults.</summary>
    public const string Protocol = "protocol";

    /// <summary>Our server with its default number of connections, and a low limit per address.</summary>
    public const string Limited = "limited";

    /// <summary>A connection handler that sends back all bytes that it reads, on Kestrel with our transport settings.</summary>
    public const string Bare = "bare";

    /// <summary>The same handler on Kestrel with its default transport settings.</summary>
    public const string BareDefaults = "bare-defaults";

    private const int MostConnections = 1_000;
    private const int MostPerAddress = 20;

    /// <param name="kind">The kind of server.</param>
    /// <param name="port">The TCP port of our server; 0 picks one.</param>
    public static async Task RunAsync(string kind, int port)
    {
        var socketPath = Path.Combine(Path.GetTempPath(), $"benchmark-{Environment.ProcessId}.sock");
        await using var app = kind is Protocol or Limited
            ? CreateProtocol(socketPath, port, isLimited: kind == Limited)
            : CreateBare(socketPath, inline: kind == Bare);
        await app.StartAsync();
        port = kind is Protocol or Limited ? app.Services.GetRequiredService<ServerState>().EndPoint!.Port : new Uri(app.Urls.First()).Port;
        Console.WriteLine($"{port} {socketPath}");
        while (await Console.In.ReadLineAsync() is not null)
        {
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(JsonSerializer.Serialize(new Figures(
                process.TotalProcessorTime.TotalMicroseconds, process.PrivilegedProcessorTime.TotalMicroseconds,
                GC.GetTotalAllocatedBytes(precise: true), process.WorkingSet64,
                GC.GetTotalPauseDuration().TotalMilliseconds, process.HandleCount)));
        }
    }

    private static WebApplication CreateProtocol(string socketPath, int port, bool isLimited)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = Environments.Development }); // this environment makes a certificate
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddNetworkProtocolServer(options =>
        {
            options.Listen = $"127.0.0.1:{port}";
            options.LocalSocket = socketPath;
            options.MaxConnections = isLimited ? MostConnections : 20_000;
            options.MaxConnectionsPerAddress = isLimited ? MostPerAddress : 0;
            options.MemoryReturnInterval = TimeSpan.FromSeconds(10);
            options.HandshakeTimeout = Scenarios.HandshakeTimeout;
        });
        var app = builder.Build();
        CommandScenario.Map(app);
        PushScenario.Map(app);
        return app;
    }

    private static WebApplication CreateBare(string socketPath, bool inline)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = inline);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<BareEcho>());
            kestrel.ListenUnixSocket(socketPath, listen => listen.UseConnectionHandler<BareEcho>());
        });
        return builder.Build();
    }

    /// <summary>The upper limit of throughput: a connection handler that does the least possible work.</summary>
    private sealed class BareEcho : ConnectionHandler
    {
        public override async Task OnConnectedAsync(ConnectionContext connection)
        {
            var (input, output) = (connection.Transport.Input, connection.Transport.Output);
            while (true)
            {
                var result = await input.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    output.Write(segment.Span);
                }

                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || (await output.FlushAsync()).IsCompleted)
                {
                    return;
                }
            }
        }
    }
}
