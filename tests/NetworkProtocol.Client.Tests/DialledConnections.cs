using System.Collections.Concurrent;

namespace NetworkProtocol.Client.Tests;

/// <summary>The streams of a client to a server in memory. The test can count them and close them.</summary>
internal sealed class DialledConnections(MemoryServer server)
{
    private readonly ConcurrentQueue<Stream> _all = new();

    /// <summary>Whether dialling fails.</summary>
    public bool IsDown { get; set; }

    public int Attempts { get; private set; }

    public Stream[] All => [.. _all];

    /// <summary>The number of streams that were made. None ends by itself.</summary>
    public int Most => _all.Count;

    public ProtocolClient CreateClient(Action<ProtocolClientOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new ProtocolClientOptions
        {
            Addresses = ["memory"],
            Connection = server.CreateOptions(time),
        };
        options.Connection.Dial = async (_, token) =>
        {
            Attempts++;
            var stream = IsDown ? throw new IOException("down") : await server.Transport.ConnectAsync(token);
            _all.Enqueue(stream);
            return stream;
        };
        configure?.Invoke(options);
        return new ProtocolClient(options);
    }
}
