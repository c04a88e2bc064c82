using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using NetworkProtocol.Server;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Operations;

/// <summary>Compares the lab, as docker-compose reads it, with the files that it mounts and the program that it runs.</summary>
public sealed class ComposeTests : IAsyncLifetime
{
    /// <summary>The time that the host waits after the drain (HttpExtensions).</summary>
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(10);

    private static readonly Lazy<Task<ComposeFile>> Lab = new(() => ComposeFile.ReadAsync());

    private ComposeFile _lab = null!;

    private ComposeService Proxy => _lab.Services["haproxy"];

    public async Task InitializeAsync() => _lab = await Lab.Value;

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void It_has_three_nodes_of_the_image_and_what_looks_after_them()
    {
        Assert.Equal(3, _lab.Nodes.Count());
        Assert.All(
            _lab.Nodes, node => Assert.Equal(Dockerfile.Path, Path.GetFullPath(Path.Combine(node.Build!.Context, node.Build.Dockerfile))));
        Assert.All(_lab.Nodes, node => Assert.Equal(Repository.Root, Path.GetFullPath(node.Build!.Context)));
        Assert.Superset(
            new HashSet<string> { "haproxy", "redis", "prometheus", "node-exporter", "grafana" }, _lab.Services.Keys.ToHashSet());
        Assert.All(
            _lab.Services.Values.Where(service => service.Build is null), service => Assert.Matches(@":v?[0-9]+\.[0-9]+", service.Image));
    }

    [Fact]
    public void Nothing_is_published_beyond_this_machine_and_nobody_has_rights_to_spare()
    {
        Assert.All(
            _lab.Services.Values.SelectMany(service => service.Ports),
            port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        var published = _lab.Services.Values.SelectMany(service => service.Ports).Select(port => port.Split(':')[1]).ToArray();
        Assert.Equal(published.Distinct(), published);
        Assert.All(_lab.Services.Values, service =>
        {
            Assert.True(service.ReadOnly);
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Equal(["no-new-privileges:true"], service.SecurityOpt);
            Assert.DoesNotContain(service.Environment.Keys, name => name.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase));
        });
    }

    [Fact]
    public void The_proxy_knows_the_nodes_and_they_believe_it_alone()
    {
        var nodes = _lab.Nodes.ToArray();
        Assert.Equal(nodes.Select(node => node.Address), new[] { "NODE1", "NODE2", "NODE3" }.Select(name => Proxy.Environment[name]));
        Assert.Equal(
            (PortOf(new ServerOptions().Listen), PortOf(new HttpOptions().Listen)),
            (Proxy.Environment["NODE_PORT"], Proxy.Environment["HEALTH_PORT"]));
        Assert.All(nodes, node => Assert.Equal($"{Proxy.Address}/32", node.Environment["NetworkProtocol__Server__TrustedProxies__0"]));
        Assert.Contains($"127.0.0.1:8443:{Proxy.Environment["PROTOCOL_BIND"].TrimStart(':')}/tcp", Proxy.Ports);
        Assert.Contains($"127.0.0.1:8404:{Proxy.Environment["METRICS_BIND"].TrimStart(':')}/tcp", Proxy.Ports);
    }

    [Fact]
    public async Task The_proxys_configuration_takes_its_variables()
    {
        var configuration = await File.ReadAllTextAsync(Repository.Deploy("haproxy/haproxy.cfg"));
        Assert.Contains($"{Repository.Deploy("haproxy/haproxy.cfg")}:/usr/local/etc/haproxy/haproxy.cfg:ro", Proxy.Volumes);
        Assert.All(Proxy.Environment.Keys, name => Assert.Contains("${" + name + "-", configuration, StringComparison.Ordinal));
        var start = new ProcessStartInfo("haproxy", ["-dW", "-c", "-f", Repository.Deploy("haproxy/haproxy.cfg")]);
        AddVariables(start, Proxy);
        (await Tool.RunAsync(start)).Good();
    }

    [Fact]
    public void Every_mounted_file_is_there_and_Prometheus_asks_the_services_at_their_ports()
    {
        var sources = _lab.Services.Values.SelectMany(service => service.Volumes)
            .Select(volume => volume.Split(':')[0]).Where(Path.IsPathRooted);
        Assert.All(sources, source => Assert.True(Path.Exists(source), source));
        var configuration = File.ReadAllText(Repository.Deploy("prometheus/prometheus.yml"));
        var targets = Directory.GetFiles(Repository.Deploy("container/targets"));
        Assert.All(targets, file => Assert.Contains($"targets/{Path.GetFileName(file)}", configuration, StringComparison.Ordinal));
        Assert.Equal(targets.Length, Regex.Count(configuration, "targets/[a-z-]+[.]yml"));
        var http = PortOf(new HttpOptions().Listen);
        Assert.Equal(
            ["haproxy:8404", "node-exporter:9100", $"node1:{http}", $"node2:{http}", $"node3:{http}"],
            targets.SelectMany(
                file => Regex.Matches(File.ReadAllText(file), "- ([a-z0-9-]+:[0-9]+)$", RegexOptions.Multiline)
                    .Select(match => match.Groups[1].Value)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_program_takes_the_nodes_settings()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        AddVariables(start, _lab.Nodes.First());
        Assert.Contains("The configuration is valid.", (await Tool.RunAsync(start)).Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_is_not_killed_before_it_has_drained_and_keeps_its_state()
    {
        var options = new ServerOptions();
        Assert.All(_lab.Nodes, node =>
        {
            var grace = TimeSpan.FromSeconds(Seconds(node.StopGracePeriod));
            var delay = TimeSpan.Parse(node.Environment["NetworkProtocol__Server__DrainDelay"], CultureInfo.InvariantCulture);
            Assert.True(grace > delay + options.ShutdownTimeout + HostMargin, node.StopGracePeriod);
            Assert.EndsWith($":{Dockerfile.Read().Environment["STATE_DIRECTORY"]}:rw", node.Volumes.Single(), StringComparison.Ordinal);
        });
        Assert.Equal(3, _lab.Nodes.Select(node => node.Volumes.Single()).Distinct().Count());
    }

    private static void AddVariables(ProcessStartInfo start, ComposeService service)
    {
        foreach (var (name, value) in service.Environment)
        {
            start.Environment[name] = value;
        }
    }

    // docker-compose writes 60s as 1m0s.
    private static int Seconds(string duration)
    {
        var parts = Regex.Match(duration, "^(?:([0-9]+)m)?([0-9]+)s$");
        Assert.True(parts.Success, duration);
        return (parts.Groups[1].Success ? int.Parse(parts.Groups[1].Value, CultureInfo.InvariantCulture) * 60 : 0)
            + int.Parse(parts.Groups[2].Value, CultureInfo.InvariantCulture);
    }

    private static string PortOf(string listen) => IPEndPoint.Parse(listen).Port.ToString(CultureInfo.InvariantCulture);
}
