using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace Benchmarks.Clients;

/// <summary>Our client: with the secure handshake over TCP, plain over a Unix socket.</summary>
internal sealed class OurContestant : IContestant
{
    private static readonly Message Ping = new Message.Ping();
    private static readonly Message Echo = new Message.Echo(new string('x', Contestants.EchoLength));

    private ProtocolConnection? _connection;

    public async Task ConnectAsync(string address)
    {
        var options = new ConnectionOptions { Transport = ClientTransport.SecureHandshake };
        _connection = await ProtocolConnection.ConnectAsync(ServerAddress.Parse(address), options);
    }

    public Task PingAsync(CallLoop loop) => loop.RunAsync(() => _connection!.RequestAsync(Ping));

    public Task EchoAsync(CallLoop loop) => loop.RunAsync(() => _connection!.RequestAsync(Echo));

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
