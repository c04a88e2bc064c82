using System.Collections.Concurrent;

namespace NetworkProtocol.Client.Tests;

/// <summary>The streams of a client to a server in memory: counted, and to be cut by the test.</summary>
internal sealed class DialledConnections(MemoryServer server)
{
    private readonly ConcurrentQueue<Stream> _all = new();

    /// <summary>Set to let dialling fail.</summary>
    public bool IsDown { get; set; }

    public int Attempts { get; private set; }

    public Stream[] All => [.. _all];

    /// <summary>How many there have been, as none ended by itself.</summary>
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
