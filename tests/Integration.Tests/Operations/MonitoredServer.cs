using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Messages;

namespace Integration.Tests.Operations;

/// <summary>
/// The real program, which is an edge and its own hub, behind the real HAProxy, monitored by the real Prometheus with the files that
/// operators get. The targets are the test's, and intervals are one second in place of 15. The metrics of a node_exporter come from a file.
/// </summary>
public sealed partial class MonitoredServer : IAsyncLifetime, IDisposable
{
    private readonly CertificateFiles _certificate = CertificateFiles.Create();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prometheus-");
    private readonly WebApplication _host = CreateHost();
    private readonly HttpClient _http = new();
    private ServerProcess _server = null!;
    private Background _proxy = null!;
    private Background _prometheus = null!;

    private string Sensors => Path.Combine(_folder.FullName, "sensor.sock");

    public async Task InitializeAsync()
    {
        var port = FreePort.Take();
        var start = ServerProcess.StartAsync(
            $"--NetworkProtocol:Server:Listen=127.0.0.1:{port}", "--NetworkProtocol:Hub:Store=Sqlite",
            "--NetworkProtocol:Hub:AllowUnauthenticatedSources=true", $"--NetworkProtocol:Edge:HubAddress=127.0.0.1:{port}",
            $"--NetworkProtocol:Edge:CaPath={_certificate.Authority}", $"--NetworkProtocol:Edge:LocalSocket={Sensors}",
            "--NetworkProtocol:Server:Tls:Mode=Optional", $"--NetworkProtocol:Server:Tls:CertificatePath={_certificate.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={_certificate.Key}", "--NetworkProtocol:Server:TrustedProxies:0=127.0.0.0/8",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1", "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER");
        await _host.StartAsync();
        _server = await start;
        var metricsOfProxy = StartProxy();
        Copy(Repository.Deploy("prometheus"), _folder.FullName);
        await SetTargetAsync("network-protocol", _server.Http.Authority);
        await SetTargetAsync("haproxy", metricsOfProxy);
        await SetTargetAsync("node", new Uri(_host.Urls.Single()).Authority);
        await StartPrometheusAsync();
        await ValueAsync("sum(up{job=~\"network-protocol|haproxy|node\"})", count => count == 3);
        await UseAsync();
        await ValueAsync("min(instance:messages_received:rate5m)", rate => rate > 0);
    }

    /// <summary>The answer of Prometheus' API.</summary>
    public async Task<JsonElement> AskAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    public async Task<JsonElement.ArrayEnumerator> QueryAsync(string query) =>
        (await AskAsync($"api/v1/query?query={Uri.EscapeDataString(query)}")).GetProperty("result").EnumerateArray();

    /// <summary>Waits until a query has one value that meets the condition.</summary>
    public Task ValueAsync(string query, Func<double, bool> isSo) => Eventually.Async(
        async () => (await QueryAsync(query)).FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            && isSo(double.Parse(first.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture)),
        () => $"{query}\n{_prometheus.Printed}\n{_proxy.Printed}");

    /// <summary>Delivers a key that does not belong to the certificate, as a failed renewal does.</summary>
    public async Task BreakCertificateAsync()
    {
        await File.WriteAllTextAsync(_certificate.Key, "no key");
        await _server.SignalAsync("HUP");
    }

    public async Task DisposeAsync()
    {
        await _prometheus.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    public void Dispose()
    {
        _http.Dispose();
        _certificate.Dispose();
    }

    private static WebApplication CreateHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests/Integration.Tests/Operations/node_exporter.txt"));
        app.MapGet("/metrics", () => Results.Text(text));
        return app;
    }

    private async Task UseAsync()
    {
        await using var client = await ServedClient.ConnectAsync(_server.Protocol);
        foreach (var message in new Message[] { new Message.Echo("hello"), new Message.Custom("NOBODY", default) })
        {
            await client.SendAsync(message);
            await client.ReadAsync();
        }

        var (exitCode, _, errors) = await NetprotoProcess.RunAsync("publish", $"unix:{Sensors}", "room1/temperature", "21.5");
        Assert.Equal((0, ""), (exitCode, errors));
    }

    private string StartProxy()
    {
        var metrics = $"127.0.0.1:{FreePort.Take()}";
        var start = new System.Diagnostics.ProcessStartInfo("haproxy", ["-db", "-f", Repository.Deploy("haproxy/haproxy.cfg")]);
        foreach (var (name, value) in new (string, string)[]
        {
            ("HAPROXY_SOCKET", Path.Combine(_folder.FullName, "admin.sock")), ("HAPROXY_MAXCONN", "1000"), ("METRICS_BIND", metrics),
            ("PROTOCOL_BIND", $"127.0.0.1:{FreePort.Take()}"), ("NODE1", "127.0.0.1"), ("NODE2", "127.0.0.1"), ("NODE3", "127.0.0.1"),
            ("NODE_PORT", $"{_server.Protocol.Port}"), ("HEALTH_PORT", $"{_server.Http.Port}"),
        })
        {
            start.Environment[name] = value;
        }

        _proxy = Background.Start(start);
        return metrics;
    }

    private async Task StartPrometheusAsync()
    {
        var file = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("15s", "1s", StringComparison.Ordinal));
        _prometheus = Background.Start(
            "prometheus", $"--config.file={file}", $"--storage.tsdb.path={_folder.FullName}/data", "--web.listen-address=127.0.0.1:0");
        await _prometheus.PrintsAsync("Server is ready to receive web requests");
        _http.BaseAddress = new Uri($"http://{ListeningOn().Match(_prometheus.Printed).Groups[1].Value}/");
    }

    private Task SetTargetAsync(string job, string target) =>
        File.WriteAllTextAsync(Path.Combine(_folder.FullName, "targets", $"{job}.yml"), $"- targets: [\"{target}\"]\n");

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex("msg=\"Listening on\" address=(\\S+)")]
    private static partial Regex ListeningOn();
}
