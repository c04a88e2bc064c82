using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>The program, a signed-in operator, and <c>netproto</c> with an operator's token named <c>tester</c>.</summary>
internal sealed class Operator : IAsyncDisposable
{
    private readonly ServerProcess _server;

    private Operator(ServerProcess server, AdminSession session, string secret)
    {
        _server = server;
        Session = session;
        Secret = secret;
    }

    public AdminSession Session { get; }

    public string Secret { get; }

    public string Url => _server.Http.AbsoluteUri;

    public static Task<Operator> StartAsync(params string[] arguments) => StartAsync(setUp: null, arguments);

    public static async Task<Operator> StartAsync(Action<System.Diagnostics.ProcessStartInfo>? setUp, params string[] arguments) =>
        await OfAsync(await ServerProcess.StartAsync(
            setUp, ["--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Cluster:NodeId=node-1", .. arguments]));

    /// <summary>Signs in to a running server. Disposing of the operator ends the server.</summary>
    public static async Task<Operator> OfAsync(ServerProcess server)
    {
        var session = await AdminSession.SignInAsync(server);
        return new Operator(server, session, await session.CreateTokenAsync("tester", "operator"));
    }

    /// <summary>Connects a client and waits for its first answer.</summary>
    public async Task<WireClient> ConnectAsync()
    {
        var client = await WireClient.ConnectSecureAsync(_server.Protocol);
        await client.SendAsync(new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
        return client;
    }

    public Task<(int ExitCode, string Output, string Errors)> TryAsync(params string[] arguments) =>
        NetprotoProcess.RunAsync([new("NETPROTO_URL", Url), new("NETPROTO_TOKEN", Secret)], "", arguments);

    /// <summary>Runs a command that must succeed, and returns its output.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await TryAsync(arguments);
        Assert.Equal((0, ""), (exitCode, errors));
        return output;
    }

    /// <summary>Runs a command that must fail with one line on standard error.</summary>
    public async Task FailAsync(int exitCode, string error, params string[] arguments)
    {
        var result = await TryAsync(arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        var line = Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("netproto: ", line, StringComparison.Ordinal);
        Assert.Contains(error, line, StringComparison.Ordinal);
        Assert.DoesNotContain("npat_", line, StringComparison.Ordinal);
    }

    /// <summary>Runs the command until it prints the expected text.</summary>
    public async Task UntilAsync(string command, Func<string, bool> isGood)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isGood(await RunAsync(command)))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Session.Dispose();
        await _server.DisposeAsync();
    }
}
