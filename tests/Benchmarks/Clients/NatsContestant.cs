using NATS.Client.Core;

namespace Benchmarks.Clients;

/// <summary>NATS request and reply, answered by a <see cref="NatsResponder"/>; a Ping is a request without a payload.</summary>
internal sealed class NatsContestant : IContestant
{
    private static readonly byte[] Text = new byte[Contestants.EchoLength];

    private NatsConnection? _connection;

    public async Task ConnectAsync(string address)
    {
        _connection = new NatsConnection(new NatsOpts { Url = $"nats://{address}" });
        await _connection.ConnectAsync();
    }

    public Task PingAsync(CallLoop loop) =>
        loop.RunAsync(() => _connection!.RequestAsync<byte[], byte[]>(NatsResponder.Subject, []));

    public Task EchoAsync(CallLoop loop) =>
        loop.RunAsync(() => _connection!.RequestAsync<byte[], byte[]>(NatsResponder.Subject, Text));

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
