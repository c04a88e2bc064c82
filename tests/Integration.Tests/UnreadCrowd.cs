using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>Clients that send Echoes of 60 kB until the server stops reading, and read no answers.</summary>
internal sealed class UnreadCrowd : IAsyncDisposable
{
    private const int AtOnce = 20;
    private const int MostEchoes = 200;

    /// <summary>If a server has read nothing for this time, it has stopped reading.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(1);

    private readonly List<(WireClient Wire, Stream Stream)> _clients = [];

    public static async Task<UnreadCrowd> OpenAsync(EndPoint server, bool overTls, int clients)
    {
        var crowd = new UnreadCrowd();
        while (crowd._clients.Count < clients)
        {
            crowd._clients.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => ConnectAsync(server, overTls))));
        }

        await Task.WhenAll(crowd._clients.Select(FillAsync));
        return crowd;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (wire, _) in _clients)
        {
            await wire.DisposeAsync();
        }
    }

    private static async Task<(WireClient Wire, Stream Stream)> ConnectAsync(EndPoint server, bool overTls)
    {
        var client = overTls ? await WireClient.ConnectAsync(server) : await WireClient.ConnectSecureAsync(server);
        // The system's buffers must not count as the server's memory.
        client.Socket.ReceiveBufferSize = client.Socket.SendBufferSize = 16 * 1024;
        var stream = new NetworkStream(client.Socket);
        if (!overTls)
        {
            return (client, stream);
        }

        var tls = new SslStream(stream);
#pragma warning disable CA5359 // The certificate belongs to the test, which measures memory.
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true });
#pragma warning restore CA5359
        return (client, tls);
    }

    private static async Task FillAsync((WireClient Wire, Stream Stream) client)
    {
        using var stuck = new CancellationTokenSource(Stuck);
        try
        {
            for (var i = 0; i < MostEchoes; i++)
            {
                await client.Stream.WriteAsync(client.Wire.Encode(new Message.Echo(new string('x', 60_000))), stuck.Token);
                stuck.CancelAfter(Stuck);
            }
        }
        catch (OperationCanceledException)
        {
            // The server has stopped reading.
        }
    }
}
