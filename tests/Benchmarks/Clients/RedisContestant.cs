using StackExchange.Redis;

namespace Benchmarks.Clients;

/// <summary>StackExchange.Redis, whose multiplexer sends the commands of all callers over one connection.</summary>
internal sealed class RedisContestant : IContestant
{
    private static readonly RedisValue Text = new byte[Contestants.EchoLength];

    private ConnectionMultiplexer? _multiplexer;
    private IServer? _server;

    public async Task ConnectAsync(string address)
    {
        var endPoint = Contestants.Parse(address);
        _multiplexer = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { endPoint } });
        _server = _multiplexer.GetServer(endPoint);
    }

    public Task PingAsync(CallLoop loop) => loop.RunAsync(() => _server!.PingAsync());

    public Task EchoAsync(CallLoop loop) => loop.RunAsync(() => _server!.EchoAsync(Text));

    public ValueTask DisposeAsync() => _multiplexer?.DisposeAsync() ?? ValueTask.CompletedTask;
}
