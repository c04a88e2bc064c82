using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Integration.Tests.Console;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Intake.Mqtt;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>
/// An edge that takes MQTT in another developer's program. Its hub never answers, so that no job of the uplink is among those that wait for
/// the disk.
/// </summary>
internal sealed class MqttEdge : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly TcpListener _hub;
    private readonly TestServer _server;

    private MqttEdge(TemporaryFolder folder, TcpListener hub, TestServer server) => (_folder, _hub, _server) = (folder, hub, server);

    public IPEndPoint EndPoint => _server.Services.GetRequiredService<MqttListener>().EndPoint!;

    public MqttClients Clients => _server.Services.GetRequiredService<MqttClients>();

    public MessageBuffer Buffer => _server.Services.GetRequiredService<MessageBuffer>();

    public EdgeMetrics Metrics => _server.Services.GetRequiredService<EdgeMetrics>();

    public static async Task<MqttEdge> StartAsync(Action<EdgeOptions>? configure = null, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        var hub = new TcpListener(IPAddress.Loopback, 0);
        hub.Start();
        try
        {
            return new MqttEdge(folder, hub, await TestServer.StartAsync(time: time, map: app => app.MapEdge(), services: services =>
                services.AddEdge(options =>
                {
                    options.HubAddress = hub.LocalEndpoint.ToString()!;
                    options.ConnectionTimeout = TimeSpan.FromMinutes(5);
                    options.LocalSocket = Path.Combine(folder.Path, "sensor.sock");
                    options.Path = folder.Path;
                    options.Mqtt.Listen = "127.0.0.1:0";
                    configure?.Invoke(options);
                })));
        }
        catch
        {
            hub.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The messages in the buffer, in their order, as topic=value.</summary>
    public Task<List<string>> StoredAsync(Lane lane = Lane.Bulk) => Buffer.RunAsync(
        file => file.MessagesAfter(lane, 0, 100_000, int.MaxValue)
            .ConvertAll(row => $"{row.Topic}={System.Text.Encoding.UTF8.GetString(row.Payload)}"),
        CancellationToken.None);

    public async Task<BufferRow> OnlyAsync(Lane lane = Lane.Bulk) => Assert.Single(
        await Buffer.RunAsync(file => file.MessagesAfter(lane, 0, 100, int.MaxValue), CancellationToken.None));

    /// <summary>Makes the disk refuse what is written, or take it again.</summary>
    public Task RefuseAsync(bool refuses) => Buffer.RunAsync(
        file =>
        {
            using var command = ConnectionOf(file).CreateCommand();
            command.CommandText = $"PRAGMA query_only = {(refuses ? 1 : 0)}";
            return command.ExecuteNonQuery();
        },
        CancellationToken.None);

    /// <summary>Stops the disk until the result is disposed of.</summary>
    public async Task<IDisposable> HoldAsync()
    {
        var (held, release) = (new TaskCompletionSource(), new ManualResetEventSlim());
        _ = Buffer.RunAsync(
            _ =>
            {
                held.SetResult();
                release.Wait();
                return 0;
            },
            CancellationToken.None);
        await held.Task;
        return new Release(release);
    }

    /// <summary>The messages that wait for the disk.</summary>
    public int Waiting => JobsOf(Buffer).Reader.Count;

    public Task StopAsync() => _server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _hub.Dispose();
        _folder.Dispose();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connection")]
    private static extern ref SqliteConnection ConnectionOf(BufferFile file);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_jobs")]
    private static extern ref Channel<IBufferJob> JobsOf(MessageBuffer buffer);

    private sealed class Release(ManualResetEventSlim held) : IDisposable
    {
        public void Dispose() => held.Set();
    }
}
