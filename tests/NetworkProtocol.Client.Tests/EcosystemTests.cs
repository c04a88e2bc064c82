using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;

namespace NetworkProtocol.Client.Tests;

/// <summary>The client as a service: options, health check, metrics and traces.</summary>
public sealed class EcosystemTests
{
    [Fact]
    public async Task Clients_are_services_with_and_without_a_name()
    {
        await using var server = await MemoryServer.StartAsync();
        var services = new ServiceCollection();
        services.AddNetworkProtocolClient(options => Configure(options, server));
        services.AddNetworkProtocolClient("billing", options => Configure(options, server));
        await using var provider = services.BuildServiceProvider();
        var one = provider.GetRequiredService<ProtocolClient>();
        var billing = provider.GetRequiredKeyedService<ProtocolClient>("billing");
        Assert.NotSame(one, billing);
        Assert.Equal(("client", "billing"), (one.Name, billing.Name));
        Assert.IsType<Message.Pong>(await one.RequestAsync(new Message.Ping()));
        Assert.IsType<Message.Pong>(await billing.RequestAsync(new Message.Ping()));
    }

    [Fact]
    public async Task Bad_options_stop_the_start_with_all_that_is_wrong()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddNetworkProtocolClient("billing", options =>
        {
            options.Addresses.Add("no port:x");
            options.Pool.MaxConnections = 0;
            options.Connection.RequestTimeout = TimeSpan.Zero;
        });
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(3, error.Failures.Count());
        Assert.Contains("billing: Pool:MaxConnections = 0 is out of its range, 1 to 10000.", error.Failures);
        Assert.Contains(
            "billing: Connection:RequestTimeout = 00:00:00 is out of its range, 00:00:00.0010000 to 24.00:00:00, or infinite.",
            error.Failures);
    }

    [Fact]
    public async Task Health_follows_connection_and_breaker()
    {
        await using var server = await MemoryServer.StartAsync();
        var services = new ServiceCollection().AddLogging();
        services.AddNetworkProtocolClient(options => Configure(options, server));
        services.AddHealthChecks().AddNetworkProtocolClient();
        await using var provider = services.BuildServiceProvider();
        var (health, client) = (provider.GetRequiredService<HealthCheckService>(), provider.GetRequiredService<ProtocolClient>());
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await client.RequestAsync(new Message.Ping());
        await client.Breakers[0].IsolateAsync();
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("is Isolated", report.Entries["client"].Description, StringComparison.Ordinal);
        await client.Breakers[0].ResetAsync();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task The_servers_span_is_a_child_of_the_clients()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is ClientTelemetry.Name or TraceContext.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (ended)
                {
                    ended.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("TRACED", (string text) => text));
        await using var client = new ProtocolClient(
            Configure(new ProtocolClientOptions { Connection = { SendTraceContext = true } }, server));
        var request = new Message.Custom("TRACED", new byte[] { 1 });
        Assert.Equal(request, await client.RequestAsync(request));
        await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(new Message.Custom("UNTRACED", default)));
        lock (ended)
        {
            var (ours, theirs) = (Only(ended, ActivityKind.Client, "TRACED"), Only(ended, ActivityKind.Server, "TRACED"));
            Assert.Equal((ours.TraceId, ours.SpanId), (theirs.TraceId, theirs.ParentSpanId));
            Assert.Equal(ActivityStatusCode.Error, Only(ended, ActivityKind.Client, "UNTRACED").Status);
        }
    }

    [Fact]
    public async Task Requests_are_measured_when_someone_listens()
    {
        var measured = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ClientTelemetry.Name && instrument.Name == "networkprotocol.client.request.duration")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                measured += tag is { Key: "networkprotocol.client", Value: "measured" } ? 1 : 0;
            }
        });
        listener.Start();
        await using var server = await MemoryServer.StartAsync();
        await using var client = new ProtocolClient(Configure(new ProtocolClientOptions { Name = "measured" }, server));
        await client.RequestAsync(new Message.Ping());
        Assert.Equal(1, measured);
    }

    private static Activity Only(List<Activity> all, ActivityKind kind, string name) =>
        Assert.Single(all, activity => activity.Kind == kind && activity.OperationName == name);

    private static ProtocolClientOptions Configure(ProtocolClientOptions options, MemoryServer server)
    {
        options.Addresses.Add("memory");
        options.Connection.Transport = ClientTransport.None;
        options.Connection.Dial = (_, token) => server.Transport.ConnectAsync(token);
        return options;
    }
}
