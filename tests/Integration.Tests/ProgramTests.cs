using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Messages;

namespace Integration.Tests;

[Trait("Needs", "Program")]
public sealed class ProgramTests
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";

    [Fact]
    public async Task It_answers_probes_counts_messages_and_drains_on_SIGTERM()
    {
        await using var server = await ServerProcess.StartAsync(Plain, "--NetworkProtocol:Server:DrainDelay=00:00:02");
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Equal("OK", await http.GetStringAsync("/health"));
        Assert.Equal("READY", await http.GetStringAsync("/ready"));
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        await client.SendAsync(new Message.Echo("counted"));
        Assert.Equal(new Message.Echo("counted"), await client.ReadAsync());
        var metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("\nconnections_active 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nmessages_received 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("handshakes_total{result=\"ok\"} 1", metrics, StringComparison.Ordinal);

        await server.SignalAsync("TERM");
        HttpStatusCode ready;
        do
        {
            using var response = await http.GetAsync("/ready");
            ready = response.StatusCode;
        }
        while (ready == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        await client.SendAsync(new Message.Echo("still served"));
        Assert.Equal(new Message.Echo("still served"), await client.ReadAsync());
        Assert.IsType<Message.Disconnect>(await client.ReadAsync());
        await client.DisposeAsync();
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("Protocol server stopped", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_clients_with_requests_in_flight_are_answered_before_it_ends()
    {
        const int Clients = 200, Requests = 20;
        await using var server = await ServerProcess.StartAsync(Plain);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => WireClient.ConnectSecureAsync(server.Protocol)));
        await Task.WhenAll(clients.Select(client => client.SendAsync([.. Enumerable.Repeat(new Message.Echo("x"), Requests)])));
        foreach (var client in clients)
        {
            Assert.Equal(new Message.Echo("x"), await client.ReadAsync()); // the first read contained all messages
        }

        await server.SignalAsync("TERM");
        await Task.WhenAll(clients.Select(async client =>
        {
            for (var i = 1; i < Requests; i++)
            {
                Assert.Equal(new Message.Echo("x"), await client.ReadAsync());
            }

            Assert.IsType<Message.Disconnect>(await client.ReadAsync());
            await client.DisposeAsync();
        }));
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [InlineData("Server:MaxConnections=0", "NetworkProtocol:Server:MaxConnections = 0: must be 1 to 1000000")]
    [InlineData("Server:MaxConnections=many", "NetworkProtocol:Server:MaxConnections = many: must be a whole number")]
    [InlineData(
        "Server:HandshakeTimeout=00:10:00", "NetworkProtocol:Server:HandshakeTimeout = 00:10:00: must be 00:00:00.1000000 to 00:05:00")]
    [InlineData(
        "Admin:SessionLifetime=24:00:00",
        "NetworkProtocol:Admin:SessionLifetime = 24:00:00: must be a duration as hh:mm:ss[.fff] with hours up to 23")]
    [InlineData("Admin:SessionLifetime=30", "NetworkProtocol:Admin:SessionLifetime = 30: must be a duration")]
    [InlineData("Server:HandshakeTimeout=soon", "NetworkProtocol:Server:HandshakeTimeout = soon: must be a duration as hh:mm:ss[.fff]")]
    [InlineData("Server:Listen=nowhere", "NetworkProtocol:Server:Listen = nowhere: must be address:port")]
    [InlineData("Server:TrustedProxies:0=ten", "NetworkProtocol:Server:TrustedProxies:0 = ten: must be a network as 10.0.0.0/8")]
    [InlineData("Server:Tls:Mode=Maybe", "NetworkProtocol:Server:Tls:Mode = Maybe: must be one of Required, Optional, Disabled")]
    [InlineData("Server:Tls:Mode=Required", "NetworkProtocol:Server:Tls:CertificatePath = : must be an existing PEM file")]
    [InlineData("Server:MaxConection=5", "NetworkProtocol:Server:MaxConection = 5: no such setting")]
    [InlineData("Sessions:Lifetime=00:30:00", "NetworkProtocol:Sessions: no such section")]
    [InlineData("Cluster:Provider=Redis", "NetworkProtocol:Cluster:Provider = Redis: no such setting")]
    [InlineData("Http:Tls:CertificatePath=/nope", "NetworkProtocol:Http:Tls:CertificatePath = /nope: must be an existing PEM file")]
    [InlineData("Http:TrustedProxies:0=ten", "NetworkProtocol:Http:TrustedProxies:0 = ten: must be a network")]
    [InlineData("Upstreams:orders:Adresses=x", "NetworkProtocol:Upstreams:orders:Adresses = x: no such setting; known are Addresses")]
    [InlineData("Upstreams:orders:Commands:0=ORDER", "NetworkProtocol:Upstreams:orders:Addresses = : must have at least one address")]
    [InlineData("Upstreams:orders:Addresses:0=a:b:c", "NetworkProtocol:Upstreams:orders:Addresses:0 = a:b:c: must be host, host:port")]
    [InlineData("Breakers:FailureThreshold=x", "NetworkProtocol:Breakers:FailureThreshold = x: must be a whole number")]
    [InlineData("Admin:Users:bob:Role=King", "NetworkProtocol:Admin:Users:bob:Role = King: must be one of Viewer, Operator")]
    [InlineData("Admin:Pasword=hunter2", "NetworkProtocol:Admin:Pasword = (hidden): no such setting")]
    [InlineData("Admin:Password=hunter2", "NetworkProtocol:Admin:Password = (hidden): must be a hash")]
    [InlineData(
        "Admin:OpenIdConnect:Authority=http://x", "NetworkProtocol:Admin:OpenIdConnect:Authority = http://x: must be an https:// address")]
    [InlineData("Http:Listen=x", "NetworkProtocol:Http:Listen = x: must be address:port")]
    public async Task A_bad_setting_is_one_clear_line(string setting, string line)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            setting.Contains("Tls:Mode", StringComparison.Ordinal) ? $"--NetworkProtocol:{setting}" : Plain,
            $"--NetworkProtocol:{setting}",
            "--check-config");
        Assert.Equal(1, exitCode);
        Assert.StartsWith(line, errors, StringComparison.Ordinal);
        Assert.All(errors.Trim().Split('\n'), error => Assert.StartsWith("NetworkProtocol:", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SIGHUP_reloads_the_certificate()
    {
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Required",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}");
        var serial = files.WriteServer();
        await server.SignalAsync("HUP");
        await server.WaitForLineAsync(serial);
    }

    [Fact]
    public async Task A_good_configuration_is_said_to_be_good()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(Plain, "--check-config");
        Assert.Equal(0, exitCode);
        Assert.Contains("valid", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server:Listen")]
    [InlineData("Http:Listen")]
    [InlineData("Http:ChallengeListen")]
    public async Task A_port_in_use_is_one_clear_line_and_nothing_else(string key)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var data = Directory.CreateTempSubdirectory("np-data-");
        var (exitCode, output, errors) = await ServerProcess.RunAsync(
            Plain, "--NetworkProtocol:Server:Listen=127.0.0.1:0",
            "--NetworkProtocol:Http:Listen=127.0.0.1:0", $"--NetworkProtocol:Admin:DataPath={data.FullName}",
            $"--NetworkProtocol:Http:ChallengePath={data.FullName}", $"--NetworkProtocol:{key}={taken.LocalEndpoint}");
        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            $"NetworkProtocol:{key} = {taken.LocalEndpoint}: address already in use: another program listens there",
            errors, StringComparison.Ordinal);
        // A slow start runs a health check.
        Assert.Single((output + errors).Trim().Split('\n'), line => !line.Contains(" Check ", StringComparison.Ordinal));
        data.Delete(recursive: true);
    }
}
