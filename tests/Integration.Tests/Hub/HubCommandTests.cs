using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Commands;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests.Hub;

/// <summary>The commands of edges: the real client, the real server, a store in a file.</summary>
public sealed class HubCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub");

    private string FilePath => Path.Combine(_folder.FullName, "hub.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_edge_greets_sends_sends_again_and_is_told_of_a_gap()
    {
        await using var server = await StartAsync();
        await using var client = Connect(server);
        Assert.Equal(AppendStatus.HelloFirst, (await AppendAsync(client, Batches.Of(1, 1, 10))).Status);
        var hello = new Message.Custom(Hello.Command, new Hello("edge", Lane.Bulk, 1, 1, null).Encode());
        var greeted = Assert.IsType<Message.Custom>(await client.RequestAsync(hello));
        Assert.Equal(new HelloAnswer(0, 1, null, HelloStatus.Agreed), HelloAnswer.Decode(greeted.Payload));
        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored), await AppendAsync(client, Batches.Of(1, 1, 10)));
        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored), await AppendAsync(client, Batches.Of(1, 1, 10)));
        Assert.Equal(new AppendAnswer(10, AppendStatus.Gap), await AppendAsync(client, Batches.Of(1, 12, 10)));
        var totals = await server.Services.GetRequiredService<IHubReader>().TotalsAsync();
        Assert.Equal((10, 10), (totals.Messages, totals.Duplicates));
    }

    [Fact]
    public async Task A_hub_with_a_limit_shares_it_among_the_lanes_that_send()
    {
        await using var server = await StartAsync(hub => hub.MaxMessagesPerSecond = 900);
        await using var client = Connect(server);
        foreach (var (lane, credit) in new[] { (Lane.Bulk, 900), (Lane.Alarm, 450) })
        {
            var hello = new Message.Custom(Hello.Command, new Hello("edge", lane, 1, 1, null).Encode());
            Assert.Equal(credit, HelloAnswer.Decode(Assert.IsType<Message.Custom>(await client.RequestAsync(hello)).Payload).Credit);
        }

        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored, 450), await AppendAsync(client, Batches.Of(1, 1, 10)));
        Assert.Equal(new AppendAnswer(10, AppendStatus.Gap), await AppendAsync(client, Batches.Of(1, 12, 10)));
    }

    [Fact]
    public void A_lane_that_rests_leaves_its_part_of_the_limit_to_the_others()
    {
        var time = new FakeTimeProvider();
        var credits = new Credits(Options.Create(new HubOptions { MaxMessagesPerSecond = 100 }), time);
        Assert.Equal(100, credits.Of("one", Lane.Bulk));
        Assert.Equal(50, credits.Of("two", Lane.Bulk));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(50, credits.Of("two", Lane.Bulk));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(100, credits.Of("two", Lane.Bulk));
    }

    [Fact]
    public async Task What_is_wrong_gets_its_reason()
    {
        await using var server = await StartAsync();
        await using var client = Connect(server);
        await RefusedAsync(client, Batch.Command, [1, 9], "compression");
        await RefusedAsync(client, Hello.Command, [0xA0], "source");
        await using var strict = await StartAsync(hub => hub.AllowUnauthenticatedSources = null); // no Development here
        await using var stranger = Connect(strict);
        await RefusedAsync(stranger, Batch.Command, Batches.Of(1, 1, 1).Encode(), "client certificate");
    }

    [Fact]
    public async Task While_the_store_fails_the_edge_waits_and_the_check_says_why()
    {
        await using var server = await StartAsync();
        await using var client = Connect(server);
        var checks = server.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync()).Status);
        using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={FilePath};Pooling=false"))
        {
            other.Open();
            using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            Assert.Equal(
                new AppendAnswer(0, AppendStatus.Later, null, TimeSpan.FromSeconds(1)), await AppendAsync(client, Batches.Of(1, 1, 1)));
            var report = await checks.CheckHealthAsync(check => check.Tags.Contains("ready"));
            Assert.Contains("locked", report.Entries["hub"].Description, StringComparison.Ordinal);
        }

        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync()).Status);
        Assert.Equal(AppendStatus.HelloFirst, (await AppendAsync(client, Batches.Of(1, 1, 1))).Status);
    }

    [Fact]
    public async Task A_wrong_path_ends_the_start_with_one_line()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync(hub => hub.Path = Path.Combine(_folder.FullName, "missing", "hub.db")));
        Assert.Contains("NetworkProtocol:Hub:Path = ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClientIdentityKind.CertificateCommonName, "edge", "edge", "cn:edge")]
    [InlineData(ClientIdentityKind.CertificateDns, "edge", "edge", "dns:edge")]
    [InlineData(ClientIdentityKind.CertificateDns, "edge", "other", null)]
    [InlineData(ClientIdentityKind.UnixUser, "1000", "1000", null)]
    [InlineData(ClientIdentityKind.None, "", "edge", null)]
    public void A_client_sends_under_the_name_of_its_certificate(ClientIdentityKind kind, string name, string source, string? expected)
    {
        var names = new SourceNames(Options.Create(new HubOptions()), new HostingEnvironment { EnvironmentName = "Production" });
        if (expected is null)
        {
            Assert.Throws<SourceRefusedException>(() => names.IdentityOf(new ClientIdentity(kind, name), source));
        }
        else
        {
            Assert.Equal(expected, names.IdentityOf(new ClientIdentity(kind, name), source));
        }
    }

    [Fact]
    public async Task A_node_that_is_no_hub_has_neither_commands_nor_check()
    {
        await using var server = await StartAsync(hub => hub.Store = HubStoreKind.None);
        await using var client = Connect(server);
        await RefusedAsync(client, Batch.Command, Batches.Of(1, 1, 1).Encode(), "");
        Assert.Empty((await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries);
        await Assert.ThrowsAsync<HubStoreException>(() => server.Services.GetRequiredService<IHubReader>().TotalsAsync());
    }

    private static ProtocolClient Connect(TestServer server) => new(new ProtocolClientOptions
    {
        Addresses = { server.EndPoint.ToString() },
        Connection = { Transport = ClientTransport.SecureHandshake },
    });

    private static async Task<AppendAnswer> AppendAsync(ProtocolClient client, Batch batch)
    {
        var answer = await client.RequestAsync(new Message.Custom(Batch.Command, batch.Encode()));
        return AppendAnswer.Decode(Assert.IsType<Message.Custom>(answer).Payload);
    }

    private static async Task RefusedAsync(ProtocolClient client, string command, byte[] payload, string reason)
    {
        var error = await Assert.ThrowsAsync<ProtocolClientException>(
            () => client.RequestAsync(new Message.Custom(command, payload)).AsTask());
        Assert.Equal(ProtocolErrorKind.Remote, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private Task<TestServer> StartAsync(Action<HubOptions>? configure = null) => TestServer.StartAsync(
        map: app => app.MapHub(),
        services: services => services.AddHub(hub =>
        {
            (hub.Store, hub.Path, hub.AllowUnauthenticatedSources) = (HubStoreKind.Sqlite, FilePath, true);
            configure?.Invoke(hub);
        }));
}
