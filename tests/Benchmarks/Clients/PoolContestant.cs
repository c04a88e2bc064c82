using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace Benchmarks.Clients;

/// <summary>Our client as services use it: with a pool (here of one connection, as the others have) and a circuit breaker.</summary>
internal sealed class PoolContestant : IContestant
{
    private static readonly Message Ping = new Message.Ping();
    private static readonly Message Echo = new Message.Echo(new string('x', Contestants.EchoLength));

    private ProtocolClient? _client;

    public Task ConnectAsync(string address)
    {
        _client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [address],
            Connection = { Transport = ClientTransport.SecureHandshake },
            Pool = { MaxConnections = 1 },
        });
        return _client.ConnectAsync();
    }

    public Task PingAsync(CallLoop loop) => loop.RunAsync(() => _client!.RequestAsync(Ping));

    public Task EchoAsync(CallLoop loop) => loop.RunAsync(() => _client!.RequestAsync(Echo));

    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;
}
