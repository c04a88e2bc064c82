using System.Net;
using System.Net.Sockets;

namespace Integration.Tests.Operations;

/// <summary>
/// Three nodes of the real program, each with its own address, behind the real HAProxy with the configuration that operators get.
/// </summary>
internal sealed class BalancedNodes : IAsyncDisposable
{
    public const int Count = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("haproxy-");
    private readonly ServerProcess[] _nodes = new ServerProcess[Count];
    private readonly int _port = FreePort.Take();
    private readonly int _healthPort = FreePort.Take();
    private readonly int _proxyPort = FreePort.Take();
    private readonly string[] _arguments;
    private Background? _proxy;

    private BalancedNodes(string[] arguments) => _arguments = arguments;

    /// <summary>HAProxy's configuration files. With the second file, only root can start HAProxy.</summary>
    public static IEnumerable<string> Files => System.Environment.IsPrivilegedProcess
        ? ["-f", Repository.Deploy("haproxy/haproxy.cfg"), "-f", Repository.Deploy("haproxy/privileges.cfg")]
        : ["-f", Repository.Deploy("haproxy/haproxy.cfg")];

    /// <summary>The id of the user that the proxy runs as.</summary>
    public string ProxyUser =>
        File.ReadLines($"/proc/{_proxy!.Id}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2];

    /// <summary>The address at which the proxy serves all nodes.</summary>
    public string Address => $"127.0.0.1:{_proxyPort}";

    public IPEndPoint EndPoint => new(IPAddress.Loopback, _proxyPort);

    public IEnumerable<string> NodeAddresses => Enumerable.Range(0, Count).Select(index => $"{Ip(index)}:{_port}");

    public static Task<BalancedNodes> StartAsync(string balance = "leastconn", params string[] arguments) =>
        StartAsync(new Dictionary<string, string> { ["BALANCE"] = balance }, arguments);

    /// <param name="proxySettings">Variables of the proxy's configuration, besides the addresses.</param>
    /// <param name="arguments">Arguments of each node.</param>
    public static async Task<BalancedNodes> StartAsync(Dictionary<string, string> proxySettings, params string[] arguments)
    {
        var nodes = new BalancedNodes(arguments);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(nodes.StartNodeAsync));
        var start = new System.Diagnostics.ProcessStartInfo("haproxy", ["-db", .. Files]);
        foreach (var (name, value) in nodes.Environment().Concat(proxySettings))
        {
            start.Environment[name] = value;
        }

        nodes._proxy = Background.Start(start);
        for (var index = 0; index < Count; index++)
        {
            await nodes.ProxySeesAsync(index, ready: true);
        }

        return nodes;
    }

    public string ProxyLog => _proxy?.Printed ?? "";

    public ServerProcess this[int index] => _nodes[index];

    public async Task StartNodeAsync(int index)
    {
        _nodes[index] = await ServerProcess.StartAsync(
        [
            $"--NetworkProtocol:Server:Listen={Ip(index)}:{_port}", $"--NetworkProtocol:Http:Listen={Ip(index)}:{_healthPort}",
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Server:TrustedProxies:0=127.0.0.0/8", .. _arguments,
        ]);
        using var http = new HttpClient { BaseAddress = _nodes[index].Http };
        // The first answer compiles code, and on a busy machine a health check may time out before that ends.
        await http.GetStringAsync("/ready");
    }

    /// <summary>Stops a node with SIGTERM, and waits for its end.</summary>
    public async Task StopNodeAsync(int index)
    {
        await _nodes[index].SignalAsync("TERM");
        Assert.Equal(0, await _nodes[index].WaitForExitAsync());
        await _nodes[index].DisposeAsync();
    }

    /// <summary>Waits until the proxy's health checks have noticed that a node is ready or not ready.</summary>
    public Task ProxySeesAsync(int index, bool ready) => Eventually.Async(async () =>
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(AdminSocket));
        }
        catch (SocketException)
        {
            return false;
        }

        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("show stat\n"u8.ToArray());
        var table = (await new StreamReader(stream).ReadToEndAsync()).Split('\n');
        var names = table[0].Split(',');
        var row = table.Single(line => line.StartsWith($"nodes,node{index + 1},", StringComparison.Ordinal)).Split(',');
        var (status, check) = (row[Array.IndexOf(names, "status")], row[Array.IndexOf(names, "check_status")]);
        // UP is also the state before the first check.
        return ready ? status == "UP" && check == "L7OK" : !status.StartsWith("UP", StringComparison.Ordinal);
    }, () => ProxyLog);

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private string AdminSocket => Path.Combine(_folder.FullName, "admin.sock");

    private Dictionary<string, string> Environment() => new()
    {
        ["HAPROXY_SOCKET"] = AdminSocket,
        ["HAPROXY_MAXCONN"] = "2000", // as many as an unprivileged descriptor limit allows
        ["PROTOCOL_BIND"] = Address,
        ["METRICS_BIND"] = $"127.0.0.1:{FreePort.Take()}",
        ["NODE1"] = Ip(0),
        ["NODE2"] = Ip(1),
        ["NODE3"] = Ip(2),
        ["NODE_PORT"] = $"{_port}",
        ["HEALTH_PORT"] = $"{_healthPort}",
    };

    private static string Ip(int index) => $"127.0.1.{index + 1}";
}
